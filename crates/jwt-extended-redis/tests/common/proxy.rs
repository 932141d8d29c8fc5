use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Stands between a store and its server, and does what networks do.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<AtomicU8>,
}

/// What becomes of the connections that are open.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Trouble {
    None,
    /// Nothing comes through any more, and nobody is told. New connections are fine.
    Silence,
    /// The next answer is lost, and its connection with it. New connections are fine.
    LostAnswer,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(Trouble::None as u8));
        let shared = state.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                shared.store(Trouble::None as u8, Ordering::SeqCst);
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(forward(client, server, shared.clone()));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn make(&self, trouble: Trouble) {
        self.state.store(trouble as u8, Ordering::SeqCst);
    }
}

async fn forward(mut client: TcpStream, mut server: TcpStream, state: Arc<AtomicU8>) {
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    let mut is_silent = false;
    loop {
        let is = |trouble| state.load(Ordering::SeqCst) == trouble as u8;
        tokio::select! {
            length = client.read(&mut up) => match length {
                Ok(length @ 1..) => {
                    is_silent |= is(Trouble::Silence);
                    if !is_silent {
                        server.write_all(&up[..length]).await.unwrap();
                    }
                }
                _ => return,
            },
            length = server.read(&mut down) => match length {
                Ok(length @ 1..) if !is(Trouble::LostAnswer) => {
                    let _ = client.write_all(&down[..length]).await;
                }
                _ => return,
            },
        }
    }
}
