//! Ports that stay free while a server is down.

use std::net::TcpListener;

/// Returns a free port below those that the system hands out by itself: nobody else is given it between two starts.
pub fn free() -> u16 {
    loop {
        let mut luck = [0; 2];
        getrandom::fill(&mut luck).expect("the operating system has randomness");
        let port = 20_000 + u16::from_le_bytes(luck) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
