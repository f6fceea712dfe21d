//! A server for answers that a real registry does not give.

use anyhow::Result;
use xtask::http::{Answer, Asked, Http};

/// A server for what distribution does not do, or does only with a cloud's storage behind it.
pub struct Server {
    http: Http,
}

impl Server {
    /// Answers each request with `answer`, one after the other, on a free port, until it is dropped. One without an answer
    /// waits until then.
    pub fn start(answer: impl Fn(Asked) -> Option<Answer> + Send + Sync + 'static) -> Result<Server> {
        Ok(Server { http: Http::start(0, answer)? })
    }

    /// Answers each request with the same body, which any page may read, and nothing keeps.
    pub fn of(body: String) -> Result<Server> {
        let answer = readable(Answer::new(200, body)).with("Cache-Control", "no-store");
        Server::start(move |_| Some(answer.clone()))
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.http.address().to_string()
    }
}

/// An answer that any page may read.
pub fn readable(answer: Answer) -> Answer {
    answer.with("Access-Control-Allow-Origin", "*")
}
