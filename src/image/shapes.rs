//! What Go's readers know of each document: image-spec's own types (`specs-go/v1`), as `encoding/json` reads them.
//!
//! `Any` stands where the reader of this crate says itself what is wrong, and for names of other kinds of document: these are
//! known so that they are found in another case as well.

use crate::json::Shape::{self, Any, Bytes, Integer, List, Map, Object, Text, Time, Truth};

/// An index, or a Docker manifest list.
pub(super) const INDEX: Shape = Object(&[
    ("schemaVersion", Integer),
    ("mediaType", Text),
    ("artifactType", Text),
    ("manifests", List(&DESCRIPTOR)),
    ("subject", SUBJECT),
    ("annotations", Map(&Text)),
    ("config", Any),
    ("layers", Any),
    ("fsLayers", Any),
]);

/// An image manifest.
pub(super) const MANIFEST: Shape = Object(&[
    ("schemaVersion", Integer),
    ("mediaType", Text),
    ("artifactType", Text),
    ("config", DESCRIPTOR),
    ("layers", List(&DESCRIPTOR)),
    ("subject", SUBJECT),
    ("annotations", Map(&Text)),
    ("manifests", Any),
    ("fsLayers", Any),
]);

/// Of an object that has a place of its own among what is found: whoever reads the descriptor says there what is wrong with
/// digest and size.
const DESCRIPTOR: Shape = Object(&descriptor(Any, Any));

/// Of what the document belongs to, which has none.
const SUBJECT: Shape = Object(&descriptor(Text, Integer));

const fn descriptor(digest: Shape, size: Shape) -> [(&'static str, Shape); 8] {
    [
        ("mediaType", Text),
        ("digest", digest),
        ("size", size),
        ("urls", List(&Text)),
        ("annotations", Map(&Text)),
        ("data", Bytes),
        ("platform", PLATFORM),
        ("artifactType", Text),
    ]
}

const PLATFORM: Shape = Object(&[
    ("architecture", Text),
    ("os", Text),
    ("os.version", Text),
    ("os.features", List(&Text)),
    ("variant", Text),
]);

/// The config of an image.
pub(super) const CONFIG: Shape = Object(&[
    ("created", Time),
    ("author", Text),
    ("architecture", Text),
    ("os", Text),
    ("os.version", Text),
    ("os.features", List(&Text)),
    ("variant", Text),
    ("config", Object(RUN)),
    ("rootfs", Object(&[("type", Text), ("diff_ids", List(&Any))])),
    ("history", List(&Object(HISTORY))),
]);

/// How a container of the image runs.
const RUN: &[(&str, Shape)] = &[
    ("User", Text),
    ("ExposedPorts", Map(&Object(&[]))),
    ("Env", List(&Text)),
    ("Entrypoint", List(&Text)),
    ("Cmd", List(&Text)),
    ("Volumes", Map(&Object(&[]))),
    ("WorkingDir", Text),
    ("Labels", Map(&Text)),
    ("StopSignal", Text),
    ("ArgsEscaped", Truth),
];

const HISTORY: &[(&str, Shape)] =
    &[("created", Time), ("created_by", Text), ("author", Text), ("comment", Text), ("empty_layer", Truth)];
