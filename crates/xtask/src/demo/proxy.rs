//! A TCP relay between the runner and the server, whose connections can be cut like a network cable.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

const TICK: Duration = Duration::from_millis(5);
const CONNECTED_MAX: Duration = Duration::from_secs(10);

pub struct Proxy {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// Listens on a free port and passes every connection on to `target`. It lives as long as the demo.
    pub fn start(target: SocketAddr) -> Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").context("failed to open a port for the relay")?;
        let address = listener.local_addr()?;
        let open = Arc::new(Mutex::new(Vec::new()));
        let streams = open.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is down is what the runner should see: its connection ends.
                if let Ok(server) = TcpStream::connect(target) {
                    let _ = join(client, server, &streams);
                }
            }
        });
        Ok(Proxy { address, open })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections at once; waits for one when there is none, and fails when none comes.
    pub fn cut(&self) -> Result<()> {
        let began = Instant::now();
        while self.end_all() == 0 {
            ensure!(began.elapsed() < CONNECTED_MAX, "nobody connected within {CONNECTED_MAX:?}");
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// Ends all connections and returns how many were still up.
    fn end_all(&self) -> usize {
        let streams: Vec<TcpStream> = lock(&self.open).drain(..).collect();
        streams.iter().filter(|stream| stream.shutdown(Shutdown::Both).is_ok()).count()
    }
}

/// Copies both ways until either side ends, then ends the other.
fn join(client: TcpStream, server: TcpStream, open: &Mutex<Vec<TcpStream>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    lock(open).push(client.try_clone()?);
    pump(client.try_clone()?, server.try_clone()?);
    pump(server, client);
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // An error and an orderly end mean the same here: this direction is over, so both are.
        let _ = io::copy(&mut from, &mut to);
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn lock(open: &Mutex<Vec<TcpStream>>) -> MutexGuard<'_, Vec<TcpStream>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn it_passes_on_until_it_is_cut() -> Result<()> {
        let server = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Proxy::start(server.local_addr()?)?;
        let mut client = TcpStream::connect(proxy.address())?;
        let (mut peer, _) = server.accept()?;
        let mut word = [0u8; 4];
        client.write_all(b"ping")?;
        peer.read_exact(&mut word)?;
        peer.write_all(b"pong")?;
        client.read_exact(&mut word)?;
        assert_eq!(&word, b"pong");
        proxy.cut()?;
        assert_eq!(client.read(&mut word)?, 0);
        assert_eq!(peer.read(&mut word)?, 0);
        Ok(())
    }

    #[test]
    fn a_server_that_is_down_looks_down() -> Result<()> {
        let server = TcpListener::bind("127.0.0.1:0")?;
        let target = server.local_addr()?;
        drop(server);
        let proxy = Proxy::start(target)?;
        let mut client = TcpStream::connect(proxy.address())?;
        assert_eq!(client.read(&mut [0u8; 1]).unwrap_or(0), 0);
        Ok(())
    }
}
