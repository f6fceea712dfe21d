//! An HTTP server on loopback in a thread of its own, which ends with its value.

use std::convert::Infallible;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

pub use hyper::Method;

/// What was asked, without a body: nobody sends one here.
pub type Asked = Request<()>;

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Answer {
    /// An answer without headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Answer {
        Answer { status, headers: Vec::new(), body: body.into() }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn response(self) -> Response<Full<Bytes>> {
        let response = Response::builder().status(self.status);
        let headers = self.headers.iter();
        let response = headers.fold(response, |response, (name, value)| response.header(name, value));
        response.body(Full::new(self.body)).unwrap_or_else(|error| {
            // Whoever asks for such an answer sees why there is none.
            let mut response = Response::new(Full::new(Bytes::from(error.to_string())));
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }
}

/// A running server. It stops when this value is dropped.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Http {
    /// Listens on 127.0.0.1, where port 0 stands for any free one. Requests are answered one after the other; one without
    /// an answer waits for as long as the server runs.
    pub fn start(
        port: u16,
        answer: impl Fn(Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Result<Http> {
        let runtime = Builder::new_current_thread().enable_io().build().context("cannot serve")?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        let address = listener.local_addr().context("the server has no port")?;
        let (stop, stopped) = oneshot::channel::<Infallible>();
        runtime.spawn(accept(listener, Arc::new(answer)));
        let thread = std::thread::spawn(move || {
            // All that is spoken to ends with the runtime. Nothing is ever sent: the sender goes.
            let _ = runtime.block_on(stopped);
        });
        Ok(Http { address, stop: Some(stop), thread: Some(thread) })
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        self.thread.take().into_iter().for_each(|thread| drop(thread.join()));
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.join();
    }
}

async fn accept<A>(listener: TcpListener, answer: Arc<A>)
where
    A: Fn(Asked) -> Option<Answer> + Send + Sync + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Else the end of an answer may wait for the browser to confirm its beginning, which takes 40 ms.
        let _ = stream.set_nodelay(true);
        let answer = Arc::clone(&answer);
        let service = service_fn(move |request: Request<Incoming>| {
            let answered = answer(request.map(|_| ()));
            async {
                match answered {
                    Some(answer) => Ok::<_, Infallible>(answer.response()),
                    None => pending().await,
                }
            }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A browser that went away before its answer is no fault of the server.
        tokio::spawn(async { drop(connection.await) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    #[test]
    fn connections_that_come_at_once_and_stay_are_all_answered() {
        let server = Http::start(0, |_| Some(Answer::new(200, "here"))).unwrap();
        for round in 0..30 {
            let connect = |_| {
                let mut stream = TcpStream::connect(server.address()).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
                stream
            };
            let mut streams: Vec<TcpStream> = (0..6).map(connect).collect();
            for (at, stream) in streams.iter_mut().enumerate() {
                let mut start = [0; 12];
                stream.read_exact(&mut start).unwrap_or_else(|error| panic!("{round}, {at}: {error}"));
                assert_eq!(&start, b"HTTP/1.1 200");
            }
        }
    }

    #[test]
    fn it_ends_with_its_value_though_somebody_waits_for_an_answer() {
        let server = Http::start(0, |_| None).unwrap();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        drop(server);
        assert_eq!(stream.read(&mut [0; 12]).unwrap_or_default(), 0, "the connection is closed");
    }

    #[test]
    fn a_header_that_is_none_is_a_failure_that_can_be_seen() {
        let answer = Answer::new(200, "here").with("a name", "x").response();
        assert_eq!(answer.status(), 500);
    }
}
