//! What is asked for on the network: a host in its one true spelling, and a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most characters of a name, as in the domain name system.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// A host. No two spellings of one host differ here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Host {
    /// In lower case, without a dot at the end.
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// Reads a host as it stands in an address of the web. Numbers that only some programs take for an address, such as
    /// `0x7f.1` and `2130706433`, are no host here.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Ipv6Addr = inner.parse().map_err(|_| "it is no address")?;
            return Ok(Self::Address(IpAddr::V6(address).to_canonical()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(IpAddr::V4(address)));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.is_empty() || name.len() > NAME_MAX || !name.split('.').all(is_label) {
            return Err("it is no name of a host");
        }
        match name.rsplit('.').next().is_some_and(is_number) {
            true => Err("an address is written as four decimal numbers"),
            false => Ok(Self::Name(name)),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    plain && !label.is_empty() && label.len() <= LABEL_MAX && !label.starts_with('-') && !label.ends_with('-')
}

/// Says whether the C library would take a name that ends in this label for an address.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x");
    hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || label.bytes().all(|byte| byte.is_ascii_digit())
}

/// A host and a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    pub host: Host,
    pub port: u16,
}

impl Target {
    /// Reads `host` or `host:port`; `usual` is the port where there is none.
    pub fn read(text: &str, usual: Option<u16>) -> Result<Self, &'static str> {
        let (host, port) = split(text)?;
        let port = port.or(usual).ok_or("it names no port")?;
        Ok(Self { host: Host::read(host)?, port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Splits `host:port`, where the port may be absent and the host an address in brackets.
pub fn split(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let Some(port) = port else {
        return Ok((host, None));
    };
    let is_plain = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_plain && port > 0 => Ok((host, Some(port))),
        _ => Err("its port is none of 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<String, &'static str> {
        Target::read(text, Some(80)).map(|target| target.to_string())
    }

    #[test]
    fn one_host_has_one_spelling() {
        assert_eq!(told("API.Example.com."), Ok("api.example.com:80".to_owned()));
        assert_eq!(told("example.com:443"), Ok("example.com:443".to_owned()));
        assert_eq!(told("127.0.0.1"), Ok("127.0.0.1:80".to_owned()));
        assert_eq!(told("[::ffff:127.0.0.1]:8080"), Ok("127.0.0.1:8080".to_owned()));
        assert_eq!(told("[0:0::1]"), Ok("[::1]:80".to_owned()));
    }

    #[test]
    fn what_others_might_take_for_an_address_is_no_host() {
        for trick in ["2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.01", "example.com.1", "0x"]
        {
            assert!(told(trick).is_err(), "{trick}");
        }
        for nonsense in ["", ".", "a..b", "-a", "a b", "user@host", "[::1", "::1", "[fe80::1%eth0]", "host:", "host:0"]
        {
            assert!(told(nonsense).is_err(), "{nonsense}");
        }
        assert!(told("host:+80").is_err() && told("host:65536").is_err() && told("1.example.com").is_ok());
        assert!(Target::read("host", None).is_err());
    }
}
