//! A small HTTP client for loopback servers: is it up, what does it say.
//!
//! Deliberately without TLS, redirects and reuse of connections: each request asks the server to close.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in the order received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request without a body to `host`, written as `127.0.0.1:5000`.
pub fn request(host: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    send(host, method, path, headers, b"")
}

/// Sends a request with a body.
pub fn send(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
    let what = || format!("{method} http://{host}{path}");
    let mut stream = TcpStream::connect(host).with_context(what)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).with_context(what)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        let read = stream.read(&mut buffer).with_context(what)?;
        bytes.extend(buffer.get(..read).unwrap_or_default());
        // Not only at the end of the stream: chromedriver leaves connections open, whatever it is asked.
        if let Some(answer) = parse(&bytes, method == "HEAD", read == 0) {
            return Ok(answer);
        }
        if read == 0 {
            bail!("{} was not answered in HTTP, or only in part", what());
        }
    }
}

/// A port on loopback that nothing listens on. Another program may take it first: use it at once.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Another one, where nothing listens yet on the first: now and then the system hands out the same port twice.
pub fn free_port_beside(first: u16) -> Result<u16> {
    loop {
        let port = free_port()?;
        if port != first {
            return Ok(port);
        }
    }
}

/// Fails where something listens on that port of loopback; 0 stands for any free one.
pub fn must_be_free(port: u16) -> Result<()> {
    if port == 0 {
        return Ok(());
    }
    let listener = TcpListener::bind(("127.0.0.1", port));
    listener.map(drop).with_context(|| {
        format!(
            "port {port} on 127.0.0.1 is taken or not allowed: stop what listens there, or choose another \
             (`serve --port`; 0 is any)"
        )
    })
}

/// Reads an answer; `None` while it is not complete.
fn parse(bytes: &[u8], head_only: bool, ended: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.map(header).collect::<Option<_>>()?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    let rest = bytes.get(end + 4..)?;
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    answer.body = match length {
        _ if head_only || matches!(status, 204 | 304) => Vec::new(),
        _ if answer.header("transfer-encoding") == Some("chunked") => dechunked(rest)?,
        Some(length) => rest.get(..length)?.to_vec(),
        None if ended => rest.to_vec(),
        None => return None,
    };
    Some(answer)
}

/// Joins the chunks of a body (RFC 9112, section 7.1); trailers are ignored.
fn dechunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = end + 2;
        body.extend(rest.get(start..start.checked_add(size)?)?);
        rest = rest.get(start + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<Answer> {
        parse(text.as_bytes(), false, true)
    }

    #[test]
    fn reads_status_headers_and_body() {
        let text = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX:a:b\r\n\r\ngone\r\n\r\n";
        let answer = whole(text).unwrap();
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert_eq!(answer.header("x"), Some("a:b"));
        assert_eq!(answer.body, b"gone\r\n\r\n");
    }

    #[test]
    fn knows_when_an_answer_is_complete() {
        for (text, head_only, ended, complete) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false, false, false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false, true, false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, false, true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, false, true),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, false, true),
            ("HTTP/1.1 200 OK\r\n\r\nabc", false, false, false),
            ("HTTP/1.1 200 OK\r\n\r\nabc", false, true, true),
            ("HTTP/1.1 200 OK\r\n", false, true, false),
        ] {
            assert_eq!(
                parse(text.as_bytes(), head_only, ended).is_some(),
                complete,
                "{text:?} {head_only} {ended}"
            );
        }
    }

    #[test]
    fn joins_chunks() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let body = |body: &str| whole(&format!("{head}{body}")).map(|answer| answer.body);
        assert_eq!(body("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n").unwrap(), b"abc0123456789");
        assert_eq!(body("3\r\nab"), None, "cut short");
    }

    #[test]
    fn what_is_not_http_is_refused() {
        for text in ["", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno header\r\n\r\n"] {
            assert!(whole(text).is_none(), "{text:?}");
        }
    }
}
