//! A server for answers that a real registry does not give.

use anyhow::Result;
use tiny_http::{Header, Request, Response};
use xtask::http::Http;

/// A server for what distribution does not do, or does only with a cloud's storage behind it.
pub struct Server {
    http: Http,
}

impl Server {
    /// Answers each request with `answer`, one after the other, on a free port, until it is dropped.
    pub fn start(answer: impl Fn(Request) + Send + 'static) -> Result<Server> {
        Ok(Server { http: Http::start(0, [answer])? })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.http.address().to_string()
    }
}

/// An answer that any page may read, with one more header.
pub fn readable<R: std::io::Read>(answer: Response<R>, name: &str, value: &str) -> Response<R> {
    let headers = [("Access-Control-Allow-Origin", "*"), (name, value)];
    let headers = headers.iter().filter_map(|(name, value)| Header::from_bytes(*name, *value).ok());
    headers.fold(answer, Response::with_header)
}
