//! Documents made at random: those that there are, and then changed in whatever way may make two readers differ.

use crate::lists::Random;

/// A part of a document: a value as it is written, or what it is made of. Names stand as they are written, quotes included.
#[derive(Debug, Clone)]
enum Tree {
    Value(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// What a document is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An index.
    Index,
    /// An image manifest.
    Manifest,
    /// The config of an image.
    Config,
}

impl Kind {
    /// How the program in Go knows it.
    pub(crate) fn letter(self) -> u8 {
        match self {
            Kind::Index => b'i',
            Kind::Manifest => b'm',
            Kind::Config => b'c',
        }
    }
}

const DIGEST: &str = "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
const OTHER: &str = "\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"";

/// Values of every type, and what is nearly one.
const VALUES: [&str; 40] = [
    "null",
    "true",
    "false",
    "0",
    "2",
    "-1",
    "-0",
    "1.0",
    "1e2",
    "1E+2",
    "0.5",
    "1e999",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "\"\"",
    "\"x\"",
    "\"2\"",
    "\"linux\"",
    "\"YWJj\"",
    "\"YWJ\"",
    "\"YW\\nJj\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "\"a\\/b\"",
    "\"2022-01-25T12:06:55Z\"",
    "\"2022-01-25T12:06:55.123456789+01:00\"",
    "\"2023-02-29T00:00:00Z\"",
    "[]",
    "[null]",
    "[\"x\"]",
    "[0]",
    "{}",
    "{\"a\":\"b\"}",
    "{\"a\":1}",
    "{\"a\":null,\"A\":\"c\"}",
];

/// Names that mean something in another place, or in none.
const NAMES: [&str; 24] = [
    "\"schemaVersion\"",
    "\"mediaType\"",
    "\"artifactType\"",
    "\"manifests\"",
    "\"config\"",
    "\"layers\"",
    "\"subject\"",
    "\"annotations\"",
    "\"digest\"",
    "\"size\"",
    "\"urls\"",
    "\"data\"",
    "\"platform\"",
    "\"os\"",
    "\"os.version\"",
    "\"os.features\"",
    "\"variant\"",
    "\"rootfs\"",
    "\"diff_ids\"",
    "\"history\"",
    "\"created\"",
    "\"x\"",
    "\"X\"",
    "\"\"",
];

/// A document with its kind, made from a seed and a number alone.
pub(crate) fn document(seed: u64, number: u64) -> (Kind, Vec<u8>) {
    let mut random = Random::new(seed, number);
    let kind =
        [Kind::Index, Kind::Manifest, Kind::Config].get(random.below(3)).copied().unwrap_or(Kind::Index);
    let mut tree = sound(kind, &mut random);
    for _ in 0..random.below(4) {
        change(&mut tree, &mut random);
    }
    let mut text = String::new();
    write(&tree, &mut text);
    (kind, damaged(text.into_bytes(), &mut random))
}

fn value(text: &str) -> Tree {
    Tree::Value(text.to_owned())
}

fn object(members: &[(&str, Tree)]) -> Tree {
    Tree::Object(members.iter().map(|(name, tree)| (format!("\"{name}\""), tree.clone())).collect())
}

fn sound(kind: Kind, random: &mut Random) -> Tree {
    let descriptor = |random: &mut Random| {
        let mut members = vec![
            ("mediaType", value("\"application/vnd.oci.image.manifest.v1+json\"")),
            ("digest", value(if random.below(2) == 0 { DIGEST } else { OTHER })),
            ("size", value("3")),
        ];
        let platform = object(&[
            ("os", value("\"linux\"")),
            ("architecture", value("\"arm\"")),
            ("variant", value("\"v7\"")),
        ]);
        let more = [
            ("platform", platform),
            ("annotations", object(&[("a", value("\"b\""))])),
            ("urls", Tree::List(vec![value("\"https://h/x\"")])),
            ("data", value("\"YWJj\"")),
            ("artifactType", value("\"a/b\"")),
        ];
        members.extend(more.into_iter().filter(|_| random.below(4) == 0));
        object(&members)
    };
    let count = random.below(3);
    let list = |random: &mut Random| Tree::List((0..count).map(|_| descriptor(random)).collect());
    match kind {
        Kind::Index => object(&[
            ("schemaVersion", value("2")),
            ("mediaType", value("\"application/vnd.oci.image.index.v1+json\"")),
            ("manifests", list(random)),
            ("annotations", object(&[("a", value("\"b\""))])),
        ]),
        Kind::Manifest => object(&[
            ("schemaVersion", value("2")),
            ("mediaType", value("\"application/vnd.oci.image.manifest.v1+json\"")),
            ("config", descriptor(random)),
            ("layers", list(random)),
            ("subject", descriptor(random)),
        ]),
        Kind::Config => object(&[
            ("created", value("\"2022-01-25T12:06:55Z\"")),
            ("os", value("\"linux\"")),
            ("architecture", value("\"amd64\"")),
            (
                "config",
                object(&[
                    ("Env", Tree::List(vec![value("\"a=b\"")])),
                    ("Labels", object(&[("a", value("\"1\"")), ("A", value("\"2\""))])),
                    ("ExposedPorts", object(&[("80/tcp", object(&[]))])),
                    ("ArgsEscaped", value("true")),
                ]),
            ),
            (
                "rootfs",
                object(&[
                    ("type", value("\"layers\"")),
                    ("diff_ids", Tree::List(vec![value(DIGEST), value(OTHER)])),
                ]),
            ),
            (
                "history",
                Tree::List(vec![
                    object(&[("created_by", value("\"COPY\""))]),
                    object(&[("created_by", value("\"CMD\"")), ("empty_layer", value("true"))]),
                ]),
            ),
        ]),
    }
}

/// Changes one place, which every place may be.
fn change(tree: &mut Tree, random: &mut Random) {
    let inner = match tree {
        Tree::Value(_) => None,
        Tree::List(items) => {
            let at = random.below(items.len());
            items.get_mut(at)
        }
        Tree::Object(members) => {
            let at = random.below(members.len());
            members.get_mut(at).map(|(_, member)| member)
        }
    };
    if let Some(inner) = inner
        && random.below(3) > 0
    {
        return change(inner, random);
    }
    let new = |random: &mut Random| value(VALUES.get(random.below(VALUES.len())).copied().unwrap_or("null"));
    match tree {
        Tree::Object(members) if random.below(4) > 0 => change_members(members, random, new),
        Tree::List(items) if random.below(3) > 0 => {
            let at = random.below(items.len());
            match (random.below(3), items.get(at).cloned()) {
                (0, Some(_)) => drop(items.remove(at)),
                (1, Some(item)) => items.push(item),
                _ => items.push(new(random)),
            }
        }
        _ => *tree = new(random),
    }
}

fn change_members(members: &mut Vec<(String, Tree)>, random: &mut Random, new: impl Fn(&mut Random) -> Tree) {
    let at = random.below(members.len());
    let known = NAMES.get(random.below(NAMES.len())).copied().unwrap_or("\"x\"").to_owned();
    let Some((name, member)) = members.get(at).cloned() else { return members.push((known, new(random))) };
    let folded = in_another_case(&name, random);
    match random.below(7) {
        0 => drop(members.remove(at)),
        1 => members.push((known, new(random))),
        2 => members.push((folded, if random.below(2) == 0 { member } else { new(random) })),
        3 => members.insert(0, (folded, new(random))),
        4 => members.push((name, new(random))),
        5 => {
            if let Some((name, _)) = members.get_mut(at) {
                *name = folded;
            }
        }
        _ => {
            if let Some((_, member)) = members.get_mut(at) {
                *member = new(random);
            }
        }
    }
}

/// A name that is the same to some readers: in another case, with letters that fold to ASCII, or with escapes.
fn in_another_case(name: &str, random: &mut Random) -> String {
    let which = random.below(5);
    let at = random.below(name.chars().count());
    let letter = |(place, letter): (usize, char)| match which {
        0 => letter.to_ascii_uppercase().to_string(),
        1 if place == at => letter.to_ascii_uppercase().to_string(),
        2 if matches!(letter, 's' | 'S') => "\u{17f}".to_owned(),
        2 if matches!(letter, 'k' | 'K') => "\u{212a}".to_owned(),
        3 if place == at && letter.is_ascii_alphabetic() => format!("\\u{:04x}", letter as u32),
        4 if place == at && letter.is_ascii_alphabetic() => format!("{letter}\u{301}"),
        _ => letter.to_string(),
    };
    name.chars().enumerate().map(letter).collect()
}

fn write(tree: &Tree, text: &mut String) {
    let list = |text: &mut String, ends: [char; 2], parts: Vec<(Option<&str>, &Tree)>| {
        text.push(ends[0]);
        for (at, (name, part)) in parts.into_iter().enumerate() {
            text.push_str(if at > 0 { "," } else { "" });
            name.into_iter().for_each(|name| {
                text.push_str(name);
                text.push(':');
            });
            write(part, text);
        }
        text.push(ends[1]);
    };
    match tree {
        Tree::Value(value) => text.push_str(value),
        Tree::List(items) => list(text, ['[', ']'], items.iter().map(|item| (None, item)).collect()),
        Tree::Object(members) => {
            list(
                text,
                ['{', '}'],
                members.iter().map(|(name, member)| (Some(name.as_str()), member)).collect(),
            );
        }
    }
}

/// Now and then a byte is another one, or a piece is put in.
fn damaged(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    const PIECES: [&[u8]; 12] = [
        b" ",
        b"\n",
        b",",
        b"\"",
        b"\\",
        b"\xff",
        b"\xc3",
        b"\xe2\x80",
        b"\xed\xa0\x80",
        b"\x01",
        b"//",
        b"\xef\xbb\xbf",
    ];
    for _ in 0..random.below(12).saturating_sub(9) {
        let at = random.below(bytes.len() + 1);
        let piece = PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default();
        bytes.splice(at..at, piece.iter().copied());
    }
    bytes
}
