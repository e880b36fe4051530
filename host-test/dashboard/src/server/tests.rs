use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// Sends a request to a server that shows this, and reads the response to its end.
async fn exchange(shown: Shown, request: &str) -> String {
    let listener = bind(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    assert!(address.ip().is_loopback());
    let server = tokio::spawn(serve(listener, move || shown.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    server.abort();
    response
}

#[tokio::test]
async fn a_browser_on_this_machine_gets_the_page_and_may_do_nothing_with_it() {
    let shown = Ok("<p>page</p>".to_owned());
    let response = exchange(shown, "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\n<p>page</p>"), "{response}");
    for header in [
        "content-type: text/html; charset=utf-8",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
    ] {
        assert!(response.contains(header), "{header}\n{response}");
    }
}

#[tokio::test]
async fn who_is_refused_learns_nothing() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "421"),
        ("GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "405"),
    ] {
        let response = exchange(Ok("page".to_owned()), request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{response}");
        assert!(response.ends_with("\r\n\r\n"), "{request}\n{response}");
        assert_eq!(response.contains("\r\nallow: GET\r\n"), status == "405", "{response}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_made_is_not_taken_for_one() {
    let shown = Err("<p>why</p>".to_owned());
    let response = exchange(shown, "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.ends_with("<p>why</p>"), "{response}");
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_let_two_read_at_once() {
    let (started, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let reading = Arc::new(Reading::new(move || {
        started.send(()).unwrap();
        released.lock().unwrap().recv().unwrap();
        Ok("page".to_owned())
    }));
    let gone = tokio::spawn(Arc::clone(&reading).next());
    starts.recv().await.unwrap();
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(reading.turn.available_permits(), 0);
    for _ in 0..2 {
        release.send(()).unwrap();
    }
    assert_eq!(reading.next().await, Ok("page".to_owned()));
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let listener = bind(0).await.unwrap();
    assert!(bind(listener.local_addr().unwrap().port()).await.is_err());
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_others_out_for_ever() {
    let listener = bind(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, || Ok("page".to_owned())));
    let mut silent = Vec::new();
    for _ in 0..CONNECTIONS {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with("page"), "{response}");
    server.abort();
}
