//! Where the page's answers come from: a registry, or a recording.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::fetch::Fetch;
use super::pace::{self, Pace};
use super::pool::{Crew, Distant};
use super::probe;
use crate::har::Replay;
use crate::http::{Request, ResponseHead, Timings};
use crate::transport::{Answered, Blob, Body, Manner, Piece, Response, Sum, Transport, TransportError, Work};

/// One of the two.
pub(super) enum Source {
    /// A registry. What is small is fetched here, layers by workers.
    Live(Fetch, Crew),
    /// A recording. What is to be unpacked is so by workers.
    Recorded(Replay, Crew, Box<dyn Fn() -> AbortSignal>),
}

/// A body from any of them.
pub(super) enum SourceBody {
    Live(<Fetch as Transport>::Body),
    Distant(Distant),
    There(There),
}

/// A body that is there already, a recorded one: all the same, nobody takes all of it at once.
pub(super) struct There {
    bytes: Vec<u8>,
    at: usize,
    pace: Pace,
    /// How it ended, if not well.
    broken: Option<TransportError>,
    /// What a worker has made of it.
    sum: Option<Sum>,
    timings: Timings,
}

impl There {
    fn new(bytes: Vec<u8>, broken: Option<TransportError>, sum: Option<Sum>, timings: Timings) -> There {
        There { bytes, at: 0, pace: Pace::new(), broken, sum, timings }
    }

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return self.broken.clone().map_or(Ok(None), Err);
        }
        let slice = rest.get(..self.pace.next().await as usize).unwrap_or(rest).to_vec();
        self.at += slice.len();
        Ok(Some(slice))
    }
}

/// A recorded answer: its bytes, and how they ended, if not well.
struct Recorded {
    head: ResponseHead,
    bytes: Vec<u8>,
    broken: Option<TransportError>,
    timings: Timings,
}

impl Recorded {
    async fn answer(replay: &Replay, request: &Request) -> Result<Recorded, TransportError> {
        let Response { head, mut body } = replay.send(request).await?;
        let mut bytes = Vec::new();
        let broken = loop {
            match body.chunk().await {
                // It is all in one.
                Ok(Some(chunk)) if bytes.is_empty() => bytes = chunk,
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                ended => break ended.err(),
            }
        };
        Ok(Recorded { head, bytes, broken, timings: body.timings() })
    }

    fn with(self, sum: Option<Sum>) -> Response<SourceBody> {
        let there = There::new(self.bytes, self.broken, sum, self.timings);
        Response { head: self.head, body: SourceBody::There(there) }
    }
}

impl Source {
    /// A registry, with up to so many workers, until the signal fires that `signal` gives for a request.
    pub(super) fn live(workers: usize, signal: impl Fn() -> AbortSignal + 'static) -> Source {
        Source::Live(Fetch::until(signal), Crew::new(workers))
    }

    /// A recording, with up to so many workers.
    pub(super) fn recorded(
        replay: Replay,
        workers: usize,
        signal: impl Fn() -> AbortSignal + 'static,
    ) -> Source {
        Source::Recorded(replay, Crew::new(workers), Box::new(signal))
    }

    /// The bytes of a body that a worker kept.
    pub(super) async fn kept(&self, number: usize) -> Option<Vec<u8>> {
        let Source::Live(_, crew) = self else { return None };
        let bytes: Promise = crew.kept(number)?.array_buffer();
        let bytes = JsFuture::from(bytes).await.ok()?;
        Some(Uint8Array::new(bytes.unchecked_ref::<js_sys::ArrayBuffer>()).to_vec())
    }
}

impl Transport for Source {
    type Body = SourceBody;

    async fn send(&self, request: &Request) -> Result<Response<SourceBody>, TransportError> {
        match self {
            Source::Live(fetch, _) => {
                let Response { head, body } = fetch.send(request).await?;
                Ok(Response { head, body: SourceBody::Live(body) })
            }
            Source::Recorded(replay, ..) => Ok(Recorded::answer(replay, request).await?.with(None)),
        }
    }

    async fn send_blob(
        &self,
        request: &Request,
        blob: &Blob,
    ) -> Result<Response<SourceBody>, TransportError> {
        match self {
            Source::Live(fetch, crew) if !crew.is_broken() => {
                let Response { head, body } = crew.send(request, blob, None, &fetch.signal()).await?;
                Ok(Response { head, body: SourceBody::Distant(body) })
            }
            Source::Recorded(replay, crew, signal) if blob.work != Work::Hash && !crew.is_broken() => {
                let recorded = Recorded::answer(replay, request).await?;
                // To copy a long body out of the recording takes a while, and so does the copy for the worker.
                pace::rest().await;
                let has_bytes =
                    matches!(blob.answered(&recorded.head), Some(Answered::Whole | Answered::Rest));
                let is_whole = recorded.broken.is_none() && has_bytes;
                let sum = match is_whole {
                    true => crew.take(request, blob, &recorded.bytes, &signal()).await?,
                    false => None,
                };
                Ok(recorded.with(sum))
            }
            _ => self.send(request).await,
        }
    }

    async fn pause(&self, milliseconds: f64) -> Result<(), TransportError> {
        match self {
            Source::Live(fetch, _) => probe::pause(milliseconds, &fetch.signal()).await,
            Source::Recorded(..) => Ok(()),
        }
    }

    async fn probe(&self, request: &Request, manner: Manner) -> Result<Response<SourceBody>, TransportError> {
        match (self, manner) {
            (Source::Live(fetch, _), Manner::Preflighted) => {
                let (head, timings) = probe::preflighted(request, &fetch.signal()).await?;
                Ok(Response { head, body: SourceBody::There(There::new(Vec::new(), None, None, timings)) })
            }
            (Source::Live(fetch, crew), Manner::AsLayers) if !crew.is_broken() => {
                match crew.probe(request, &fetch.signal()).await {
                    // There was no worker, so layers are read from here.
                    Err(TransportError::Lost { .. }) => self.send(request).await,
                    asked => {
                        let there = There::new(Vec::new(), None, None, Timings::default());
                        Ok(Response { head: asked?, body: SourceBody::There(there) })
                    }
                }
            }
            (Source::Live(fetch, _), manner) => {
                let Response { head, body } = fetch.ask(request, manner).await?;
                Ok(Response { head, body: SourceBody::Live(body) })
            }
            (Source::Recorded(..), _) => self.send(request).await,
        }
    }

    fn at_once(&self) -> usize {
        match self {
            Source::Live(_, crew) => crew.at_once(),
            Source::Recorded(..) => 1,
        }
    }

    fn forget(&self, job: usize) {
        let (Source::Live(_, crew) | Source::Recorded(_, crew, _)) = self;
        crew.forget(job);
    }
}

impl Body for SourceBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self {
            SourceBody::Live(body) => body.chunk().await,
            SourceBody::Distant(body) => body.chunk().await,
            SourceBody::There(body) => body.chunk().await,
        }
    }

    async fn piece(&mut self) -> Result<Option<Piece>, TransportError> {
        match self {
            SourceBody::Live(body) => body.piece().await,
            SourceBody::Distant(body) => body.piece().await,
            SourceBody::There(body) => Ok(body.chunk().await?.map(Piece::Bytes)),
        }
    }

    fn sum(&mut self) -> Option<Sum> {
        match self {
            SourceBody::Live(body) => body.sum(),
            SourceBody::Distant(body) => body.sum(),
            SourceBody::There(body) => body.sum.take(),
        }
    }

    fn timings(&self) -> Timings {
        match self {
            SourceBody::Live(body) => body.timings(),
            SourceBody::Distant(body) => body.timings(),
            SourceBody::There(body) => body.timings,
        }
    }
}
