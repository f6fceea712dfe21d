//! Why a browser was refused: what a series of probes has shown, and the one cause that it comes to.
//!
//! A page is told nothing of why a request failed (Fetch standard, "network error"). But the same address asked in other
//! manners fails or not, and each of these tells causes apart. Nothing here sends anything, and nothing is guessed by a name.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What one probe came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Probe {
    /// It was not needed, or came too late.
    #[default]
    NotTried,
    /// The browser gave no answer.
    Refused,
    /// There is an answer, which a page may not look into.
    Opaque,
    /// There is an answer, with this status.
    Answered(u16),
}

impl Probe {
    fn is_refused(self) -> bool {
        self == Probe::Refused
    }

    fn is_answered(self) -> bool {
        matches!(self, Probe::Answered(_))
    }
}

/// Whether a page may see a header, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// There was no answer that has to have it.
    #[default]
    Unknown,
    /// It was seen.
    Seen,
    /// It was not, though the answer has to have it.
    Hidden,
}

/// Where the page is that asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The origin of the page, as it stands in a request: `https://example.org`.
    pub origin: String,
    /// Whether the browser says that pages of this origin may not reach the local network.
    pub is_denied: bool,
}

/// Whether a host is written as one of the local network: an address of a private range, or a name under `.local`.
/// Browsers that ask the user before a page reaches such a host do not call it mixed content then (Local Network Access,
/// "Mixed Content"); others do.
pub fn is_local(host: &str) -> bool {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // Unique local addresses (RFC 4193), and those of one link.
        let is_near =
            |address: Ipv6Addr| matches!(address.octets(), [0xfc | 0xfd, ..] | [0xfe, 0x80..=0xbf, ..]);
        return address.parse().is_ok_and(is_near);
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_near = |address: Ipv4Addr| {
        // Beside those of RFC 1918, what a carrier shares out (RFC 6598).
        address.is_private() || address.is_link_local() || matches!(address.octets(), [100, 64..=127, ..])
    };
    name.ends_with(".local") || name.parse().is_ok_and(is_near)
}

/// All that is known of one registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The page is under https, and the registry is not, and is not this machine either.
    pub is_mixed: bool,
    /// The registry is on the local network, where some browsers let a page go all the same.
    pub is_local: bool,
    /// The user does not let this page reach the local network, where the registry is.
    pub is_denied: bool,
    /// `GET /v2/` without CORS.
    pub reach: Probe,
    /// `GET /v2/` under CORS, without any header.
    pub read: Probe,
    /// The same with `Authorization`: the browser asks first.
    pub authorization: Probe,
    /// The same with an `Accept` that is too long to go unasked.
    pub accept: Probe,
    /// The same with a header that nobody knows.
    pub made_up: Probe,
    /// A request that the browser asks for first although it has no header of its own.
    pub preflight: Probe,
    /// `HEAD` of a manifest.
    pub head: Probe,
    /// `GET` of a manifest.
    pub get: Probe,
    /// `GET` of a blob.
    pub blob: Probe,
    /// The same, and no redirect is followed.
    pub unfollowed: Probe,
    /// A blob, or where there is none `GET /v2/`, from where layers are fetched.
    pub worker: Probe,
    /// `WWW-Authenticate`.
    pub challenge: Sight,
    /// `Docker-Content-Digest`.
    pub digest: Sight,
}

/// Why the page was refused, or that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A page under https may not ask a host without TLS.
    MixedContent,
    /// The user, or the browser for him, does not let the page reach the local network.
    LocalNetwork,
    /// Nothing answers: no such name, no connection, no valid certificate, or something in the browser stands between.
    Unreachable,
    /// No answer has `Access-Control-Allow-Origin`, or it names another origin.
    NoAllowOrigin,
    /// The preflight's own answer is no success.
    PreflightRefused {
        /// Whether the same address requires a sign-in, so that the preflight is most likely answered 401 as well.
        wants_sign_in: bool,
    },
    /// `Access-Control-Allow-Headers` lacks `Authorization`.
    AuthorizationNotAllowed,
    /// `Access-Control-Allow-Headers` is `*`, which does not stand for `Authorization`.
    Wildcard,
    /// `Access-Control-Allow-Headers` lacks `Accept`.
    AcceptNotAllowed,
    /// Blobs have no `Access-Control-Allow-Origin`, though other answers have.
    NoAllowOriginOnBlobs,
    /// Blobs are redirected to a host without `Access-Control-Allow-Origin`.
    RedirectWithoutCors,
    /// Workers of the page get no answer, and the page itself does.
    WorkersRefused,
    /// `HEAD` is refused, and `GET` is not.
    HeadRefused,
    /// A header that is needed is not exposed.
    NotExposed,
    /// Nothing stands in the way.
    Works,
}

impl Cause {
    /// All of them, what keeps a page from everything first.
    pub const ALL: [Cause; 15] = [
        Cause::MixedContent,
        Cause::LocalNetwork,
        Cause::Unreachable,
        Cause::NoAllowOrigin,
        Cause::PreflightRefused { wants_sign_in: true },
        Cause::PreflightRefused { wants_sign_in: false },
        Cause::AuthorizationNotAllowed,
        Cause::Wildcard,
        Cause::AcceptNotAllowed,
        Cause::NoAllowOriginOnBlobs,
        Cause::RedirectWithoutCors,
        Cause::WorkersRefused,
        Cause::HeadRefused,
        Cause::NotExposed,
        Cause::Works,
    ];

    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Cause::MixedContent => "mixed-content",
            Cause::LocalNetwork => "local-network",
            Cause::Unreachable => "unreachable",
            Cause::NoAllowOrigin => "no-allow-origin",
            Cause::PreflightRefused { .. } => "preflight-refused",
            Cause::AuthorizationNotAllowed => "authorization-not-allowed",
            Cause::Wildcard => "wildcard",
            Cause::AcceptNotAllowed => "accept-not-allowed",
            Cause::NoAllowOriginOnBlobs => "no-allow-origin-on-blobs",
            Cause::RedirectWithoutCors => "redirect-without-cors",
            Cause::WorkersRefused => "workers-refused",
            Cause::HeadRefused => "head-refused",
            Cause::NotExposed => "not-exposed",
            Cause::Works => "works",
        }
    }

    /// Whether it explains why a request had no answer: then no other cause is to be supposed.
    pub fn explains_silence(self) -> bool {
        use Cause::{HeadRefused, NotExposed, WorkersRefused, Works};
        !matches!(self, WorkersRefused | HeadRefused | NotExposed | Works)
    }
}

impl Observed {
    /// The cause, once it is settled: what follows cannot change it.
    pub fn settled(&self) -> Option<Cause> {
        match () {
            () if self.is_mixed && (!self.is_local || self.reach.is_refused()) => Some(Cause::MixedContent),
            () if self.is_denied => Some(Cause::LocalNetwork),
            () if self.reach.is_refused() => Some(Cause::Unreachable),
            () if self.read.is_refused() => Some(Cause::NoAllowOrigin),
            () => None,
        }
    }

    /// Whether nobody is let in who does not sign in.
    pub fn wants_sign_in(&self) -> bool {
        self.read == Probe::Answered(401)
    }

    /// The cause that all of it comes to. What keeps a pull from going on comes before what only makes it poorer.
    pub fn cause(&self) -> Cause {
        if let Some(cause) = self.settled() {
            return cause;
        }
        if self.wants_sign_in() && self.authorization.is_refused() {
            return match (self.accept, self.made_up, self.preflight) {
                (_, Probe::Answered(_), _) => Cause::Wildcard,
                (Probe::Refused, _, Probe::Refused) => Cause::PreflightRefused { wants_sign_in: true },
                _ => Cause::AuthorizationNotAllowed,
            };
        }
        let lacks_manifest = self.get.is_refused() || matches!(self.get, Probe::Answered(404 | 406));
        match () {
            () if self.blob.is_refused() && self.unfollowed == Probe::Opaque => Cause::RedirectWithoutCors,
            () if self.blob.is_refused() => Cause::NoAllowOriginOnBlobs,
            () if self.accept.is_refused() && self.preflight.is_refused() && lacks_manifest => {
                Cause::PreflightRefused { wants_sign_in: false }
            }
            () if self.accept.is_refused() && lacks_manifest => Cause::AcceptNotAllowed,
            () if self.worker.is_refused() => Cause::WorkersRefused,
            () if self.get.is_answered() && self.is_without_head() => Cause::HeadRefused,
            () if self.challenge == Sight::Hidden || self.digest == Sight::Hidden => Cause::NotExposed,
            () => Cause::Works,
        }
    }

    fn is_without_head(&self) -> bool {
        matches!(self.head, Probe::Refused | Probe::Answered(403 | 405 | 501)) && self.head != self.get
    }
}

/// What the probes have shown of a registry, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The cause.
    pub cause: Cause,
    /// All that was seen.
    pub observed: Observed,
    /// The numbers of the trace's entries that prove it, the last one being the one that decided.
    pub evidence: Vec<usize>,
    /// Where the page is.
    pub here: Surroundings,
}

#[cfg(test)]
mod tests {
    use super::*;
    use Probe::{Answered, NotTried, Opaque, Refused};

    /// A registry that lets everyone read everything.
    fn open() -> Observed {
        Observed {
            reach: Opaque,
            read: Answered(200),
            authorization: Answered(200),
            accept: Answered(200),
            head: Answered(200),
            get: Answered(200),
            blob: Answered(200),
            digest: Sight::Seen,
            ..Observed::default()
        }
    }

    /// One that requires a sign-in, as far as it can be seen without.
    fn private() -> Observed {
        let unknown =
            Observed { head: NotTried, get: NotTried, blob: NotTried, digest: Sight::Unknown, ..open() };
        Observed { read: Answered(401), authorization: Answered(401), challenge: Sight::Seen, ..unknown }
    }

    #[test]
    fn each_series_of_probes_has_its_cause() {
        let refused_preflight =
            Observed { authorization: Refused, accept: Refused, preflight: Refused, ..private() };
        for (observed, expected) in [
            (open(), Cause::Works),
            (private(), Cause::Works),
            (Observed { is_mixed: true, ..Observed::default() }, Cause::MixedContent),
            (Observed { is_mixed: true, is_local: true, reach: Refused, ..open() }, Cause::MixedContent),
            (Observed { is_mixed: true, is_local: true, ..open() }, Cause::Works),
            (Observed { is_denied: true, ..Observed::default() }, Cause::LocalNetwork),
            (Observed { reach: Refused, ..Observed::default() }, Cause::Unreachable),
            (Observed { reach: Opaque, read: Refused, ..Observed::default() }, Cause::NoAllowOrigin),
            (refused_preflight.clone(), Cause::PreflightRefused { wants_sign_in: true }),
            (
                Observed { preflight: Answered(405), ..refused_preflight.clone() },
                Cause::AuthorizationNotAllowed,
            ),
            (
                Observed { authorization: Refused, made_up: Refused, ..private() },
                Cause::AuthorizationNotAllowed,
            ),
            (Observed { authorization: Refused, made_up: Answered(401), ..private() }, Cause::Wildcard),
            (
                Observed { authorization: Refused, accept: Refused, preflight: Refused, ..open() },
                Cause::Works,
            ),
            (Observed { accept: Refused, get: Answered(404), ..open() }, Cause::AcceptNotAllowed),
            (
                Observed { accept: Refused, preflight: Refused, get: Answered(404), ..open() },
                Cause::PreflightRefused { wants_sign_in: false },
            ),
            (Observed { blob: Refused, unfollowed: Refused, ..open() }, Cause::NoAllowOriginOnBlobs),
            (Observed { blob: Refused, unfollowed: Opaque, ..open() }, Cause::RedirectWithoutCors),
            (Observed { worker: Refused, ..open() }, Cause::WorkersRefused),
            (Observed { worker: Refused, head: Answered(405), ..open() }, Cause::WorkersRefused),
            (Observed { worker: Refused, blob: Refused, ..open() }, Cause::NoAllowOriginOnBlobs),
            (Observed { worker: Answered(200), ..open() }, Cause::Works),
            (Observed { head: Answered(405), ..open() }, Cause::HeadRefused),
            (Observed { head: Refused, ..open() }, Cause::HeadRefused),
            (Observed { head: Answered(404), get: Answered(404), ..open() }, Cause::Works),
            (Observed { digest: Sight::Hidden, ..open() }, Cause::NotExposed),
            (Observed { challenge: Sight::Hidden, ..private() }, Cause::NotExposed),
            (Observed { digest: Sight::Hidden, head: Answered(405), ..open() }, Cause::HeadRefused),
        ] {
            assert_eq!(observed.cause(), expected, "{observed:?}");
        }
    }

    #[test]
    fn the_local_network_is_told_by_how_it_is_written() {
        for host in ["192.168.1.5", "10.0.0.1:5000", "172.16.0.9", "169.254.1.1", "nas.local", "nas.local:80"]
            .into_iter()
            .chain(["100.64.0.1", "100.127.9.9:80", "[fd00::1]:5000", "[fe80::1]", "[fc12:3::4]:1"])
        {
            assert!(is_local(host), "{host}");
        }
        for host in
            ["127.0.0.1", "8.8.8.8:5000", "172.32.0.1", "nas", "local", "evil.local.example", "[::1]:80"]
                .into_iter()
                .chain([
                    "100.63.0.1",
                    "100.128.0.1",
                    "[2001:db8::1]:5000",
                    "[ff02::1]",
                    "[fd00::1",
                    "fd00::1",
                ])
        {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn what_is_settled_early_stays() {
        let early = Observed { reach: Refused, ..Observed::default() };
        assert_eq!(early.settled(), Some(Cause::Unreachable));
        assert_eq!(Observed { reach: Opaque, ..Observed::default() }.settled(), None);
        assert_eq!(open().settled(), None);
        let near = Observed { is_mixed: true, is_local: true, ..Observed::default() };
        assert_eq!(near.settled(), None, "it has to be tried");
    }
}
