//! A fake registry, for lies that a real one does not tell. It answers as distribution does: a manifest is found
//! only if its type is accepted.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use registry_inspector::digest::Digest;
use registry_inspector::http::{Headers, Method, Request, ResponseHead, Timings, Visibility};
use registry_inspector::transport::{Body, Response, Transport, TransportError};

use super::image::{Image, OCI_INDEX, OCI_MANIFEST, index};

pub(crate) const HOST: &str = "registry.example";
pub(crate) const CDN: &str = "cdn.example";

/// One lie, told of the object with the given digest, or of every request where it says so.
#[derive(Clone, Debug)]
pub(crate) enum Lie {
    /// The first byte is another.
    WrongBytes(Digest),
    /// The last byte is missing, and the length says nothing of it.
    ShortBody(Digest),
    /// The last byte is missing, and Content-Length still counts it.
    CutShort(Digest),
    /// The connection breaks before the last byte.
    BrokenBody(Digest),
    /// The connection breaks so many times, each time in the middle of what is sent; the rest can be asked for.
    BreaksOften(Digest, usize),
    /// The connection breaks once in the middle, and asking for the rest brings all of it.
    BreaksAndStartsOver(Digest),
    /// The connection breaks so many times in the middle, and asking for the rest brings other bytes, which say so.
    BreaksAndSendsOthers(Digest, usize),
    /// There is a byte too many.
    LongBody(Digest),
    /// Docker-Content-Digest is another object's.
    WrongHeader(Digest),
    /// Content-Type is another kind's.
    WrongMediaType(Digest),
    /// The body is replaced.
    Body(Digest, Vec<u8>),
    /// The answer has this status and body.
    Status(Digest, u16, String),
    /// Blobs are redirected to a host that refuses.
    RedirectToRefusal,
    /// Blobs are redirected in a circle.
    RedirectCircle,
    /// Every request fails as a browser's does.
    Unreachable,
    /// Every answer is this status and body.
    Always(u16, String),
    /// Docker-Content-Digest is never sent.
    NoDigestHeader,
    /// Requests of this method whose `Accept` has this word are refused, with this status and body.
    RefusedAccept(Method, &'static str, u16, &'static str),
    /// HEAD says that this is the Content-Type.
    TypeOfHead(&'static str),
    /// No lie at all: the caller stops the pull when it comes to blobs.
    AbortedAtBlobs,
}

/// The registry: documents and blobs by path, and at most one lie.
pub(crate) struct Fake {
    found: BTreeMap<String, (String, Vec<u8>)>,
    lie: Option<Lie>,
    visibility: Visibility,
    redirects: bool,
    has_head: bool,
    headers: Option<(Digest, Vec<(&'static str, String)>)>,
    broken: Cell<usize>,
}

impl Fake {
    /// An empty, honest registry whose headers can all be seen.
    pub(crate) fn new() -> Fake {
        Fake {
            found: BTreeMap::new(),
            lie: None,
            visibility: Visibility::Complete,
            redirects: false,
            has_head: true,
            headers: None,
            broken: Cell::new(0),
        }
    }

    /// The image as `app:1`, under an index with a second platform.
    pub(crate) fn with_index(image: &Image) -> Fake {
        let other = Image::new("linux", "arm64", &["other"]);
        let index = index(&[("linux/amd64", &image.manifest), ("linux/arm64", &other.manifest)]);
        let mut fake = Fake::new();
        fake.add_image(image);
        fake.add_manifest("1", OCI_INDEX, index.to_string().as_bytes());
        fake
    }

    /// Holds a manifest, by its digest and under `tag`.
    pub(crate) fn add_manifest(&mut self, tag: &str, media_type: &str, bytes: &[u8]) {
        for reference in [tag.to_owned(), Digest::sha256(bytes).to_string()] {
            let path = format!("/v2/app/manifests/{reference}");
            self.found.insert(path, (media_type.to_owned(), bytes.to_vec()));
        }
    }

    /// Holds an image's manifest, under the tag `image`, with its config and layers.
    pub(crate) fn add_image(&mut self, image: &Image) {
        self.add_manifest("image", OCI_MANIFEST, &image.manifest);
        for blob in image.layers.iter().chain([&image.config]) {
            self.add_blob(blob);
        }
    }

    /// Holds a blob.
    pub(crate) fn add_blob(&mut self, bytes: &[u8]) {
        let path = format!("/v2/app/blobs/{}", Digest::sha256(bytes));
        self.found.insert(path, ("application/octet-stream".into(), bytes.to_vec()));
    }

    /// Serves other bytes in the place of a blob.
    pub(crate) fn replace_blob(&mut self, digest: &Digest, bytes: &[u8]) {
        let path = format!("/v2/app/blobs/{digest}");
        self.found.insert(path, ("application/octet-stream".into(), bytes.to_vec()));
    }

    /// Tells a lie.
    pub(crate) fn lying(mut self, lie: Lie) -> Fake {
        self.redirects = self.redirects || matches!(lie, Lie::RedirectToRefusal | Lie::RedirectCircle);
        self.lie = Some(lie);
        self
    }

    /// Sends blobs from another host.
    pub(crate) fn redirecting(mut self) -> Fake {
        self.redirects = true;
        self
    }

    /// Refuses HEAD with 405, beside any lie.
    pub(crate) fn without_head(mut self) -> Fake {
        self.has_head = false;
        self
    }

    /// Sends an object with these headers, in the place of its own or beside them, beside any lie.
    pub(crate) fn with_headers(mut self, digest: &Digest, headers: &[(&'static str, &str)]) -> Fake {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.headers = Some((digest.clone(), headers));
        self
    }

    /// Lets a page see no more than CORS does.
    pub(crate) fn hiding_headers(mut self) -> Fake {
        self.visibility = Visibility::CorsFiltered;
        self
    }

    fn respond(&self, status: u16, headers: &[(&str, String)], chunks: Vec<Chunk>) -> Response<FakeBody> {
        let safelisted = |name: &str| matches!(name, "content-type" | "content-length" | "location");
        let seen = |name: &str| self.visibility == Visibility::Complete || safelisted(name);
        let list = headers.iter().filter(|(name, _)| seen(name)).map(|(n, v)| ((*n).to_owned(), v.clone()));
        let headers = Headers::new(list.collect(), self.visibility);
        let head = ResponseHead { status: Some(status), headers, followed_to: None };
        Response { head, body: FakeBody { chunks: chunks.into() } }
    }

    fn refuse(&self, status: u16, body: &str) -> Response<FakeBody> {
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        self.respond(status, &[("content-type", kind.into())], vec![Ok(body.as_bytes().to_vec())])
    }

    fn unknown(&self) -> Response<FakeBody> {
        self.refuse(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
    }
}

impl Transport for Fake {
    type Body = FakeBody;

    async fn send(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        let mut response = self.respond_to(request)?;
        if request.method == Method::Head {
            response.body.chunks.clear();
        }
        Ok(response)
    }
}

impl Fake {
    fn respond_to(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        let (host, path) = (request.url.host(), request.url.path());
        let refused = || {
            let detail = "the browser gives no cause".to_owned();
            Err(TransportError::NoResponse { detail, timings: Timings::default() })
        };
        if request.method == Method::Head && !self.has_head {
            return Ok(self.refuse(405, ""));
        }
        match &self.lie {
            Some(Lie::RefusedAccept(method, word, status, body))
                if request.method == *method
                    && path.contains("/manifests/")
                    && request
                        .headers
                        .iter()
                        .any(|(name, value)| name == "Accept" && value.contains(word)) =>
            {
                return Ok(self.refuse(*status, body));
            }
            Some(Lie::TypeOfHead(media_type)) if request.method == Method::Head => {
                let Some((_, bytes)) = self.found.get(path) else { return Ok(self.unknown()) };
                return Ok(self.answer(media_type, bytes, None));
            }
            Some(Lie::Unreachable) => return refused(),
            Some(Lie::AbortedAtBlobs) if path.contains("/blobs/") => return Err(TransportError::Aborted),
            Some(Lie::Always(status, body)) => return Ok(self.refuse(*status, body)),
            Some(Lie::RedirectToRefusal) if host == CDN => return refused(),
            _ => {}
        }
        if self.redirects && path.contains("/blobs/") && host == HOST {
            let location = format!("https://{CDN}{path}?signature=secret");
            return Ok(self.respond(307, &[("location", location)], vec![]));
        }
        if matches!(self.lie, Some(Lie::RedirectCircle)) && host == CDN {
            return Ok(self.respond(307, &[("location", request.url.to_string())], vec![]));
        }
        let Some((media_type, bytes)) = self.found.get(path) else { return Ok(self.unknown()) };
        let accepted = request
            .headers
            .iter()
            .any(|(name, value)| name == "Accept" && value.split(',').any(|accepted| accepted == media_type));
        if path.contains("/manifests/") && !accepted {
            return Ok(self.unknown());
        }
        let range = request.headers.iter().find(|(name, _)| name == "Range").map(|(_, value)| value);
        let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        Ok(self.answer(media_type, bytes, from))
    }

    fn answer(&self, media_type: &str, bytes: &[u8], from: Option<usize>) -> Response<FakeBody> {
        let digest = Digest::sha256(bytes);
        let (mut status, mut body, mut length) = (200, bytes.to_vec(), None);
        let (mut media_type, mut header) = (media_type.to_owned(), Some(digest.to_string()));
        let mut broken = false;
        let mut range = None;
        if let Some(from) = from.filter(|_| !matches!(self.lie, Some(Lie::BreaksAndStartsOver(_)))) {
            let others = matches!(self.lie, Some(Lie::BreaksAndSendsOthers(..)));
            let from = if others { from / 2 } else { from }.min(body.len());
            (status, body) = (206, body.split_off(from));
            range = Some(format!("bytes {from}-{}/{}", bytes.len().saturating_sub(1), bytes.len()));
        }
        match &self.lie {
            Some(Lie::NoDigestHeader) => header = None,
            Some(Lie::WrongBytes(d)) if *d == digest => body[0] ^= 1,
            Some(Lie::ShortBody(d)) if *d == digest => drop(body.pop()),
            Some(Lie::CutShort(d)) if *d == digest => {
                length = Some(body.len());
                body.pop();
            }
            Some(Lie::BrokenBody(d)) if *d == digest => {
                body.pop();
                broken = true;
            }
            Some(Lie::BreaksOften(d, times)) if *d == digest && self.broken.get() < *times => {
                self.broken.set(self.broken.get() + 1);
                length = Some(body.len());
                body.truncate(body.len() / 2);
                broken = true;
            }
            Some(Lie::BreaksAndStartsOver(d)) if *d == digest && self.broken.replace(1) == 0 => {
                body.truncate(body.len() / 2);
                broken = true;
            }
            Some(Lie::BreaksAndSendsOthers(d, times))
                if *d == digest && from.is_none() && self.broken.get() < *times =>
            {
                self.broken.set(self.broken.get() + 1);
                let most = body.len() * self.broken.get() / (times + 1);
                body.truncate(most);
                broken = true;
            }
            Some(Lie::LongBody(d)) if *d == digest => body.push(b' '),
            Some(Lie::WrongHeader(d)) if *d == digest => {
                header = Some(Digest::sha256(b"another").to_string())
            }
            Some(Lie::WrongMediaType(d)) if *d == digest => media_type = "text/plain".into(),
            Some(Lie::Body(d, replaced)) if *d == digest => body = replaced.clone(),
            Some(Lie::Status(d, s, text)) if *d == digest => (status, body) = (*s, text.clone().into_bytes()),
            _ => {}
        }
        let length = length.unwrap_or(body.len());
        let mut headers = vec![("content-type", media_type), ("content-length", length.to_string())];
        headers.extend(header.map(|digest| ("docker-content-digest", digest)));
        headers.extend(range.map(|range| ("content-range", range)));
        if let Some((_, others)) = self.headers.as_ref().filter(|(object, _)| *object == digest) {
            headers.retain(|(name, _)| others.iter().all(|(other, _)| other != name));
            headers.extend(others.iter().cloned());
        }
        // In small pieces: nothing may depend on how a body is cut.
        let mut chunks: Vec<Chunk> = body.chunks(100).map(|chunk| Ok(chunk.to_vec())).collect();
        if broken {
            chunks.push(Err(TransportError::Interrupted { detail: "connection reset".into() }));
        }
        self.respond(status, &headers, chunks)
    }
}

type Chunk = Result<Vec<u8>, TransportError>;

/// A body in pieces, which may end in an error.
pub(crate) struct FakeBody {
    chunks: VecDeque<Chunk>,
}

impl FakeBody {
    /// A text in one piece.
    pub(crate) fn of(text: &str) -> FakeBody {
        FakeBody { chunks: VecDeque::from([Ok(text.as_bytes().to_vec())]) }
    }
}

impl Body for FakeBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        self.chunks.pop_front().transpose()
    }

    fn timings(&self) -> Timings {
        Timings::default()
    }
}
