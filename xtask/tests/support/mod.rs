//! What the tests of the program share.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

/// The request lines that came.
pub(crate) type Lines = Arc<Mutex<Vec<String>>>;

/// Answers every path as `pages` says, on loopback.
pub(crate) fn portal(
    pages: impl Fn(&str) -> (&'static str, String) + Send + 'static,
) -> (SocketAddr, Lines) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let lines = Lines::default();
    let heard = Arc::clone(&lines);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let mut request = [0; 8192];
            let read = stream.read(&mut request).unwrap_or_default();
            let text = String::from_utf8_lossy(&request[..read]).into_owned();
            let line = text.lines().next().unwrap_or_default().to_owned();
            let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
            heard.lock().expect("lines").push(line);
            let (head, body) = pages(&path);
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (address, lines)
}
