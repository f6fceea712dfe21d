//! Where the page's answers come from: a registry, or a recording.

use super::fetch::Fetch;
use crate::har::Replay;
use crate::http::{Request, Timings};
use crate::transport::{Body, Response, Transport, TransportError};

/// One of the two.
pub(super) enum Source {
    /// A registry.
    Live(Fetch),
    /// A recording.
    Recorded(Replay),
}

/// A body from either.
pub(super) enum SourceBody {
    Live(<Fetch as Transport>::Body),
    Recorded(<Replay as Transport>::Body),
}

impl Transport for Source {
    type Body = SourceBody;

    async fn send(&self, request: &Request) -> Result<Response<SourceBody>, TransportError> {
        match self {
            Source::Live(fetch) => {
                let Response { head, body } = fetch.send(request).await?;
                Ok(Response { head, body: SourceBody::Live(body) })
            }
            Source::Recorded(replay) => {
                let Response { head, body } = replay.send(request).await?;
                Ok(Response { head, body: SourceBody::Recorded(body) })
            }
        }
    }
}

impl Body for SourceBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self {
            SourceBody::Live(body) => body.chunk().await,
            SourceBody::Recorded(body) => body.chunk().await,
        }
    }

    fn timings(&self) -> Timings {
        match self {
            SourceBody::Live(body) => body.timings(),
            SourceBody::Recorded(body) => body.timings(),
        }
    }
}
