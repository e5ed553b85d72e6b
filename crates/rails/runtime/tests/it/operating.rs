use harken_runtime::{Readiness, Shutdown, Tasks, ops};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_platform_learns_what_is_not_ready_and_why() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (shutdown, trigger) = Shutdown::manual();
    let readiness = Readiness::new();
    let gate = readiness.gate("bus");
    let tasks = Tasks::new(shutdown.clone());
    tasks.spawn_background("ops", ops::serve(listener, readiness, shutdown));

    assert!(get(&address, "/livez").await.starts_with("HTTP/1.1 200"));
    let waiting = get(&address, "/readyz").await;
    assert!(waiting.starts_with("HTTP/1.1 503"), "{waiting}");
    assert!(
        waiting.contains(r#"{"name":"bus","ready":false,"reason":"starting"}"#),
        "{waiting}"
    );

    gate.open();
    assert!(get(&address, "/readyz").await.starts_with("HTTP/1.1 200"));

    trigger.pull();
    let stopping = get(&address, "/readyz").await;
    assert!(stopping.starts_with("HTTP/1.1 503"), "{stopping}");
    assert!(get(&address, "/metrics").await.starts_with("HTTP/1.1 200"));
}
