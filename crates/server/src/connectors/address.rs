//! Where connectors may lead: names are resolved here, and only addresses that are not too near are connected to.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tenure_model::Nearness;
use tokio::net::lookup_host;

/// Addresses where clouds tell their machines' credentials, among those that look like others of a private network.
const METADATA: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254))];

/// How near an address of a connector may be.
#[derive(Clone, Copy)]
pub struct Reach {
    /// Whether it may lead to this machine and to private networks.
    pub private: bool,
}

/// An address that is nearer than a connector may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooNear(IpAddr);

impl Reach {
    /// Reads the address of a connector, and writes it as it is used.
    pub fn read(self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|why| format!("this is no address: {why}"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err("it begins with https:// or http://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it holds no user and password; give them as a header".to_owned());
        }
        if url.fragment().is_some() {
            return Err("it has no fragment".to_owned());
        }
        match url.host_str().map(|host| host.trim_matches(['[', ']']).parse::<IpAddr>()) {
            None => Err("it names no host".to_owned()),
            Some(Ok(address)) => self.admits(address).map(|()| url).map_err(|near| near.to_string()),
            Some(Err(_)) => Ok(url),
        }
    }

    fn admits(self, address: IpAddr) -> Result<(), TooNear> {
        let address = address.to_canonical();
        let open = match Nearness::of(address) {
            Nearness::Public => true,
            Nearness::Private => self.private && !METADATA.contains(&address),
            Nearness::Machine => self.private && address.is_loopback(),
        };
        if open { Ok(()) } else { Err(TooNear(address)) }
    }

    fn admitted(self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, TooNear> {
        let (open, shut): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| self.admits(found.ip()).is_ok());
        match shut.first() {
            Some(shut) if open.is_empty() => Err(TooNear(shut.ip().to_canonical())),
            _ => Ok(open),
        }
    }
}

impl Resolve for Reach {
    /// Looks a name up. What comes out is connected to, so that nobody can have the name lead elsewhere in between.
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?.collect();
            let open: Addrs = Box::new(reach.admitted(found)?.into_iter());
            Ok(open)
        })
    }
}

impl fmt::Display for TooNear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooNear(address) = self;
        let place = Nearness::of(*address).in_words();
        let could_be = Reach { private: true }.admits(*address).is_ok();
        let fix = if could_be {
            "; the operator can allow that by connector_private_addresses"
        } else {
            ", which is never allowed"
        };
        write!(f, "it leads to {address}, {place}{fix}")
    }
}

impl Error for TooNear {}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: Reach = Reach { private: false };
    const PRIVATE: Reach = Reach { private: true };

    fn near(reach: Reach, found: &[&str]) -> Result<Vec<String>, String> {
        let found = found.iter().map(|address| SocketAddr::new(address.parse().expect("an address"), 0)).collect();
        let open = reach.admitted(found).map_err(|near| near.to_string())?;
        Ok(open.iter().map(|open| open.ip().to_string()).collect())
    }

    #[test]
    fn what_a_name_leads_to_may_not_be_too_near() {
        assert_eq!(near(PUBLIC, &["1.1.1.1"]), Ok(vec!["1.1.1.1".to_owned()]));
        assert_eq!(near(PUBLIC, &["127.0.0.1", "1.1.1.1"]), Ok(vec!["1.1.1.1".to_owned()]));
        for own in ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1"] {
            let refused = near(PUBLIC, &[own]).expect_err(own);
            assert!(refused.ends_with("by connector_private_addresses"), "{refused}");
            assert!(near(PRIVATE, &[own]).is_ok(), "{own}");
        }
        for never in ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "fd00:ec2::254", "100.100.100.200"] {
            for reach in [PUBLIC, PRIVATE] {
                let refused = near(reach, &[never]).expect_err(never);
                assert!(refused.ends_with("which is never allowed"), "{refused}");
            }
        }
    }

    #[test]
    fn numbers_are_judged_however_they_are_written() {
        for own in [
            "http://127.1/",
            "http://2130706433/mcp",
            "http://0x7f.0.0.1",
            "http://[::1]:80/",
            "http://[::ffff:7f00:1]/",
        ] {
            assert!(PUBLIC.read(own).is_err(), "{own}");
            assert!(PRIVATE.read(own).is_ok(), "{own}");
        }
        assert!(PRIVATE.read("http://169.254.169.254/latest").is_err());
        assert_eq!(
            PUBLIC.read("HTTPS://Tracker.Example.org").expect("it is one").as_str(),
            "https://tracker.example.org/"
        );
        for wrong in ["", "tracker", "file:///etc/passwd", "ftp://a.org", "https://ann:pw@a.org/", "https://a.org/#x"] {
            assert!(PUBLIC.read(wrong).is_err(), "{wrong}");
        }
    }
}
