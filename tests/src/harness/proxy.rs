//! A line between two processes that can be cut at any moment.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A line to one address. Whoever dials it again after a cut is connected again.
pub struct Proxy {
    address: String,
    cuts: Arc<watch::Sender<u64>>,
}

impl Proxy {
    /// Lays a line to `target`.
    pub async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let cuts = Arc::new(watch::Sender::new(0));
        let watched = cuts.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (target, mut cut) = (target.clone(), watched.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        () = join(near, &target) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { address, cuts }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Cuts everything that is connected now.
    pub fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }
}

async fn join(mut near: TcpStream, target: &str) {
    if let Ok(mut far) = TcpStream::connect(target).await {
        // However it ends, both ends are closed.
        let _ = copy_bidirectional(&mut near, &mut far).await;
    }
}
