//! What a layer unpacked to, held against what the manifest and the config say of it.

use super::{Class, Code, Finding};
use crate::digest::Digest;
use crate::layer::{Compression, Dispute, FaultKind, Twice, Unpacked};
use crate::media_type::MediaType;

/// So many disputes stand on a layer, each in a finding of its own.
const MOST_DISPUTES: usize = 10;

/// Holds an unpacked layer against its media type, and against its diff ID in the config. Where the digest is another than
/// the diff ID, that is all that is said: whatever else is wrong follows from it.
///
/// A layer that is no tar, in no compression that is known here, has not been unpacked: it is malformed where its media
/// type says that it is such a tar, and not unpacked where the media type is unknown or missing.
pub fn check_unpacked(
    unpacked: &Unpacked,
    media_type: Option<&MediaType>,
    diff_id: Option<&Digest>,
) -> Vec<Finding> {
    let is_packed = !matches!(unpacked.compression, None | Some(Compression::Plain));
    let has_no_tar = unpacked.faults.iter().any(|fault| fault.kind == FaultKind::NoTar);
    let sides = unpacked.diff_id.as_ref().filter(|_| is_packed || !has_no_tar).zip(diff_id);
    if let Some((actual, expected)) = sides.filter(|(actual, expected)| actual != expected) {
        let message = "the digest of the unpacked layer is not the diff ID that the config has in its place";
        return vec![Finding::sides(Code::DiffIdMismatch, message, expected, actual)];
    }
    let mut findings: Vec<Finding> = Vec::new();
    for fault in &unpacked.faults {
        let code = match fault.kind {
            FaultKind::Malformed => Code::Malformed,
            FaultKind::NoTar if media_type.and_then(Compression::named_by).is_some() => Code::Malformed,
            FaultKind::Trailing => Code::TrailingBytes,
            FaultKind::Stopped | FaultKind::NoTar => Code::NotUnpacked,
        };
        findings.push(Finding::new(code, fault.message.clone()));
    }
    findings.extend(check_compression(unpacked, media_type));
    findings.extend(check_paths(unpacked));
    findings.extend(disputed(&unpacked.disputes));
    match (&unpacked.diff_id, diff_id) {
        (_, None) => {
            let message = "no config that is verified says what its diff ID should be";
            findings.push(Finding::new(Code::NotUnpacked, message));
        }
        // A fault says already why there is none; a notice does not.
        (None, Some(expected)) if findings.iter().all(|finding| finding.code.class() == Class::Notice) => {
            let message =
                format!("the digest of the unpacked layer cannot be checked against {expected} here");
            findings.push(Finding::new(Code::UnsupportedAlgorithm, message));
        }
        _ => {}
    }
    findings
}

/// What a wrong diff ID is the digest of, if that can be told: tools that write configs by hand mix them up. `all` are the
/// config's diff IDs, `packed` is the digest of the layer as it is served.
pub fn mistaken_diff_id(finding: &Finding, all: &[Digest], packed: &Digest) -> Option<String> {
    let is_of = |digest: &Digest, side: &Option<String>| side.as_deref() == Some(digest.as_str());
    if finding.code != Code::DiffIdMismatch {
        return None;
    }
    if is_of(packed, &finding.expected) {
        return Some("; it is the digest of the layer as it is packed, which is no diff ID".to_owned());
    }
    let place = all.iter().position(|digest| is_of(digest, &finding.actual))?;
    Some(format!(
        "; the config has its diff ID in place {}: the diff IDs are in another order than the layers",
        place + 1
    ))
}

/// What readers of tars do not agree on, entry by entry.
pub fn disputed(disputes: &[Dispute]) -> Vec<Finding> {
    let told = disputes.iter().enumerate().take(MOST_DISPUTES).map(|(at, Dispute { path, message, .. })| {
        let more = match disputes.len() - at - 1 {
            more if more > 0 && at + 1 == MOST_DISPUTES => format!("; and {more} more like it"),
            _ => String::new(),
        };
        Finding::new(Code::ReadersDisagree, format!("{path}: {message}{more}"))
    });
    told.collect()
}

fn check_compression(unpacked: &Unpacked, media_type: Option<&MediaType>) -> Option<Finding> {
    let named = media_type.and_then(Compression::named_by)?;
    let found = unpacked.compression.filter(|found| *found != named)?;
    let message = "the layer is not packed as its media type says";
    Some(Finding::sides(Code::MediaTypeMismatch, message, named, found))
}

fn check_paths(unpacked: &Unpacked) -> Option<Finding> {
    let Twice { first, count } = unpacked.twice.as_ref()?;
    let more = match count {
        0 | 1 => String::new(),
        count => format!(", and {} more like it", count - 1),
    };
    Some(Finding::new(Code::DuplicatePath, format!("the layer has {first} twice{more}")))
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::layer::Fault;

    fn gzipped() -> Unpacked {
        let diff_id = Some(Digest::sha256(b"tar"));
        Unpacked { compression: Some(Compression::Gzip), diff_id, ..Unpacked::default() }
    }

    fn codes(unpacked: &Unpacked, media_type: &str, diff_id: Option<&Digest>) -> Vec<&'static str> {
        let found = check_unpacked(unpacked, Some(&MediaType::parse(media_type)), diff_id);
        found.iter().map(|finding| finding.code.as_str()).collect()
    }

    const TAR_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

    #[test]
    fn all_is_well_or_it_is_said_what_is_not() {
        let (right, wrong) = (Digest::sha256(b"tar"), Digest::sha256(b"other"));
        assert_eq!(codes(&gzipped(), TAR_GZIP, Some(&right)), [""; 0]);
        assert_eq!(codes(&gzipped(), TAR_GZIP, Some(&wrong)), ["diff-id-mismatch"]);
        assert_eq!(codes(&gzipped(), TAR_GZIP, None), ["not-unpacked"]);
        let tar = "application/vnd.oci.image.layer.v1.tar";
        assert_eq!(codes(&gzipped(), tar, Some(&right)), ["media-type-mismatch"]);
        let unknown = "blake3:00".parse().unwrap();
        let without = Unpacked { diff_id: None, ..gzipped() };
        assert_eq!(codes(&without, TAR_GZIP, Some(&unknown)), ["unsupported-algorithm"]);
        let disputes = vec![Dispute { entries: 0..1, path: "a".into(), message: "this or that".into() }];
        let disputed = Unpacked { disputes, ..without };
        assert_eq!(codes(&disputed, TAR_GZIP, Some(&unknown)), ["readers-disagree", "unsupported-algorithm"]);
    }

    #[test]
    fn what_is_no_tar_is_malformed_if_it_is_said_to_be_one_and_else_not_unpacked() {
        let no_tar = Fault::new(FaultKind::NoTar, "it begins as xz does");
        let with = |compression| Unpacked {
            compression: Some(compression),
            faults: vec![no_tar.clone()],
            ..gzipped()
        };
        let (right, wrong) = (Digest::sha256(b"tar"), Digest::sha256(b"other"));
        let plain = with(Compression::Plain);
        for unknown in ["application/octet-stream", "", "application/vnd.oci.image.layer.v1.tar.gz"] {
            assert_eq!(codes(&plain, unknown, Some(&wrong)), ["not-unpacked"], "{unknown}");
        }
        assert_eq!(codes(&plain, "application/vnd.oci.image.layer.v1.tar", Some(&wrong)), ["malformed"]);
        assert_eq!(codes(&plain, TAR_GZIP, Some(&wrong)), ["malformed", "media-type-mismatch"]);
        // What was decoded has a diff ID, whatever it is.
        assert_eq!(codes(&with(Compression::Gzip), "", Some(&right)), ["not-unpacked"]);
        assert_eq!(codes(&with(Compression::Gzip), "", Some(&wrong)), ["diff-id-mismatch"]);
    }

    #[test]
    fn what_follows_the_end_is_a_notice() {
        let trailing = Fault::new(FaultKind::Trailing, "more follows");
        let with = Unpacked { faults: vec![trailing], ..gzipped() };
        let found = check_unpacked(&with, Some(&MediaType::parse(TAR_GZIP)), Some(&Digest::sha256(b"tar")));
        let found: Vec<_> = found.iter().map(|finding| (finding.code, finding.code.verdict())).collect();
        assert_eq!(found, [(Code::TrailingBytes, Verdict::Verified)]);
    }

    #[test]
    fn what_a_diff_id_was_mistaken_for() {
        let [tar, packed, other] = [&b"tar"[..], b"packed", b"other"].map(Digest::sha256);
        let all = [packed.clone(), tar.clone(), other.clone()];
        for (expected, said) in [
            (&packed, Some("; it is the digest of the layer as it is packed, which is no diff ID")),
            (
                &other,
                Some(
                    "; the config has its diff ID in place 2: the diff IDs are in another order than the layers",
                ),
            ),
        ] {
            let found = check_unpacked(&gzipped(), Some(&MediaType::parse(TAR_GZIP)), Some(expected));
            assert_eq!(mistaken_diff_id(&found[0], &all, &packed).as_deref(), said);
        }
        let found = check_unpacked(&gzipped(), None, Some(&other));
        assert_eq!(mistaken_diff_id(&found[0], &all[2..], &packed), None);
        assert_eq!(mistaken_diff_id(&Finding::new(Code::Malformed, ""), &all, &packed), None);
    }

    #[test]
    fn the_same_path_twice_is_found() {
        let with = |count| Unpacked { twice: Some(Twice { first: "a".into(), count }), ..gzipped() };
        let right = Digest::sha256(b"tar");
        assert_eq!(codes(&with(1), TAR_GZIP, Some(&right)), ["duplicate-path"]);
        let found = check_unpacked(&with(3), None, Some(&right));
        assert_eq!(found[0].message, "the layer has a twice, and 2 more like it");
    }
}
