//! What this project reads from a tar, in the words of `reader.go`.

use std::fmt::Write as _;

use registry_inspector::digest::{Algorithm, Hashers};
use registry_inspector::layer::{Entry, FaultKind, Kind, Limits, Unpack, Unpacker, bytes_of};

/// The same listing as Go's; `None` where a limit here was reached. The tar arrives in steps of a length.
pub(crate) fn read(tar: &[u8], step: usize) -> Option<String> {
    let unpack = Unpack { algorithm: Algorithm::Sha256, limits: Limits::default() };
    let mut unpacker = Unpacker::new(&unpack, &Hashers::default());
    tar.chunks(step.max(1)).for_each(|chunk| unpacker.push(chunk));
    let unpacked = unpacker.finish();
    let mut text = String::new();
    for entry in unpacked.listing.entries() {
        line(&mut text, &entry).ok()?;
    }
    let kinds: Vec<FaultKind> = unpacked.faults.iter().map(|fault| fault.kind).collect();
    let is_refused = kinds.iter().any(|kind| matches!(kind, FaultKind::Malformed | FaultKind::NoTar));
    text += if is_refused { "refused\n" } else { "end\n" };
    (!kinds.contains(&FaultKind::Stopped)).then_some(text)
}

fn line(text: &mut String, entry: &Entry) -> std::fmt::Result {
    let letter = match entry.kind {
        Kind::File => '0',
        Kind::HardLink => '1',
        Kind::Symlink => '2',
        Kind::Character => '3',
        Kind::Block => '4',
        Kind::Directory => '5',
        Kind::Fifo => '6',
    };
    let [path, link, user, group] =
        [&entry.path, &entry.link, &entry.user, &entry.group].map(|text| hex(text));
    let mut records: Vec<String> =
        entry.pax.iter().map(|(name, value)| format!("{}={}", hex(name), hex(value))).collect();
    records.sort();
    let Entry { size, uid, gid, mode, modified, device: (major, minor), .. } = entry;
    writeln!(
        text,
        "{letter} {path} > {link} size {size} owner {uid}:{gid} {user}:{group} mode {mode:o} time {modified} \
         device {major},{minor} pax {}",
        records.join(",")
    )
}

fn hex(text: &str) -> String {
    bytes_of(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
