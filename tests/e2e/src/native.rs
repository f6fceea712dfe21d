//! A transport for the host: it sees what a browser hides, redirects and every header among them.

use std::cell::Cell;
use std::io::Read as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use registry_inspector::http::{Headers, Request, ResponseHead, Timings, Visibility};
use registry_inspector::transport::{Body, Response, Transport, TransportError};

/// Sends over plain HTTP, and follows no redirect.
pub struct Native {
    agent: ureq::Agent,
}

impl Native {
    /// A transport with connections of its own.
    pub fn new() -> Native {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Native { agent: config.into() }
    }
}

impl Default for Native {
    fn default() -> Native {
        Native::new()
    }
}

impl Transport for Native {
    type Body = NativeBody;

    async fn send(&self, request: &Request) -> Result<Response<NativeBody>, TransportError> {
        let clock = Clock::start();
        let url = request.url.as_str();
        let builder = ureq::http::Request::builder().method(request.method.as_str()).uri(url);
        let with_headers =
            request.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value));
        let no_response =
            |detail: String| TransportError::NoResponse { detail, timings: clock.timings.get() };
        let message = with_headers.body(()).map_err(|error| no_response(error.to_string()))?;
        let answer = self.agent.run(message).map_err(|error| no_response(error.to_string()))?;
        clock.head();
        let (head, body) = answer.into_parts();
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let list = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let head = ResponseHead {
            status: Some(head.status.as_u16()),
            headers: Headers::new(list, Visibility::Complete),
            followed_to: None,
        };
        Ok(Response { head, body: NativeBody { reader: body.into_reader(), clock } })
    }
}

/// The body of a response, read as it comes.
pub struct NativeBody {
    reader: ureq::BodyReader<'static>,
    clock: Clock,
}

impl Body for NativeBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut buffer = vec![0; 64 * 1024];
        match self.reader.read(&mut buffer) {
            Ok(0) => {
                self.clock.end();
                Ok(None)
            }
            Ok(length) => {
                buffer.truncate(length);
                Ok(Some(buffer))
            }
            Err(error) => Err(TransportError::Interrupted { detail: error.to_string() }),
        }
    }

    fn timings(&self) -> Timings {
        self.clock.timings.get()
    }
}

/// Takes the times of one request.
struct Clock {
    begun: Instant,
    timings: Cell<Timings>,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "this transport runs on the host only")]
    fn start() -> Clock {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started = Some(epoch.as_secs_f64() * 1000.0);
        Clock { begun: Instant::now(), timings: Cell::new(Timings { started, wait: None, receive: None }) }
    }

    fn head(&self) {
        self.timings.set(Timings { wait: Some(self.elapsed()), ..self.timings.get() });
    }

    fn end(&self) {
        let timings = self.timings.get();
        let receive = timings.wait.map(|wait| self.elapsed() - wait);
        self.timings.set(Timings { receive, ..timings });
    }

    fn elapsed(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1000.0
    }
}
