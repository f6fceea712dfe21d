//! An HTTP server on loopback in threads of its own, which ends with its value.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tiny_http::{Request, Server};

/// How long a thread waits for a request before it looks whether it is to end.
const TURN: Duration = Duration::from_millis(50);

/// A running server. It stops when this value is dropped.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Http {
    /// Listens on 127.0.0.1, where port 0 stands for any free one. So many requests are answered at once as there are
    /// `answers`.
    pub fn start(
        port: u16,
        answers: impl IntoIterator<Item = impl Fn(Request) + Send + 'static>,
    ) -> Result<Http> {
        let server = Server::http(("127.0.0.1", port))
            .map_err(|error| anyhow!("cannot listen on 127.0.0.1:{port}: {error}"))?;
        let address = server.server_addr().to_ip().context("the server has no port")?;
        let (server, stop) = (Arc::new(server), Arc::new(AtomicBool::new(false)));
        let threads = answers.into_iter().enumerate().map(|(at, answer)| {
            let (server, stop) = (Arc::clone(&server), Arc::clone(&stop));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    match server.recv_timeout(TURN) {
                        Ok(Some(request)) => answer(request),
                        Ok(None) if at == 0 => knock(address),
                        _ => {}
                    }
                }
            })
        });
        Ok(Http { address, threads: threads.collect(), stop })
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
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.join();
    }
}

/// Connects, and goes away. Of connections that come at once, `tiny_http` (0.12) may leave one to a thread that took
/// another: it is in a queue then, which nobody looks into before some connection ends, and browsers keep theirs open. This
/// one ends.
fn knock(address: SocketAddr) {
    // One that is refused has nobody left to wake.
    drop(TcpStream::connect(address));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use tiny_http::Response;

    #[test]
    fn connections_that_come_at_once_and_stay_are_all_answered() {
        let answer = |request: Request| drop(request.respond(Response::from_string("here")));
        let server = Http::start(0, [answer; 6]).unwrap();
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
}
