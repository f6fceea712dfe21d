//! A server for answers that a real registry does not give.

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::{Result, anyhow};
use tiny_http::{Header, Request, Response, Server as Http};

/// A server for what distribution does not do, or does only with a cloud's storage behind it.
pub struct Server {
    server: Arc<Http>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request with `answer`, on a free port, until it is dropped.
    pub fn start(answer: impl Fn(Request) + Send + 'static) -> Result<Server> {
        let server = Http::http("127.0.0.1:0").map_err(|error| anyhow!(error))?;
        let server = Arc::new(server);
        let serving = Arc::clone(&server);
        let thread = std::thread::spawn(move || serving.incoming_requests().for_each(answer));
        Ok(Server { server, thread: Some(thread) })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.server.server_addr().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer that any page may read, with one more header.
pub fn readable<R: std::io::Read>(answer: Response<R>, name: &str, value: &str) -> Response<R> {
    let headers = [("Access-Control-Allow-Origin", "*"), (name, value)];
    let headers = headers.iter().filter_map(|(name, value)| Header::from_bytes(*name, *value).ok());
    headers.fold(answer, Response::with_header)
}
