//! The hosts that processes may reach, as the operator lists them: names, all names below one, and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tenure_model::Nearness;

use super::bridge::PORT;
use super::target::{Host, Target, split};

/// The ports of an entry that names none.
const USUAL_PORTS: [u16; 2] = [80, 443];
/// Nobody within may listen on a port below, so no service of this machine can stand there.
const OPEN_PORTS: u16 = 1024;
/// The name of the machine itself, for which nobody else answers.
const LOCALHOST: &str = "localhost";

/// What processes may reach.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AllowList(Vec<Entry>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Entry {
    host: Rule,
    port: Option<u16>,
    /// As it was written.
    text: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Rule {
    Exactly(Host),
    /// All names below this one, which is not among them.
    Below(String),
}

impl AllowList {
    /// Reads `host`, `host:port`, `*.domain`, `*.domain:port` and addresses; a mistake is told with the entry and the rule.
    pub fn read(texts: &[String]) -> Result<Self, String> {
        let entry = |(at, text): (usize, &String)| {
            Entry::read(text).map_err(|why| {
                format!(
                    "allow[{at}] is \"{text}\": {why}; write host, host:port, *.domain or an address, such as \
                     api.example.com:443"
                )
            })
        };
        texts.iter().enumerate().map(entry).collect::<Result<_, _>>().map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lists the entries as they were written.
    pub fn in_words(&self) -> String {
        self.0.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Says how near the address of a target may be; nothing when the target is not allowed at all.
    pub fn reach_of(&self, target: &Target) -> Option<Nearness> {
        self.0.iter().filter(|entry| entry.covers(target)).map(Entry::reach).max()
    }

    /// Says whether an address to which a name leads is allowed by itself.
    pub fn names(&self, address: SocketAddr) -> bool {
        let host = Host::Address(address.ip().to_canonical());
        self.reach_of(&Target { host, port: address.port() }).is_some()
    }

    /// Lists the services of this machine that are allowed: each is to stand within where it stands outside.
    pub fn services(&self) -> Vec<SocketAddr> {
        self.0.iter().flat_map(Entry::services).collect()
    }
}

impl Entry {
    fn read(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return Err("a host has no `/` in it".to_owned());
        }
        let (host, port) = split(text)?;
        let host = match host.strip_prefix("*.") {
            Some(domain) => match Host::read(domain)? {
                Host::Name(name) => Rule::Below(name),
                Host::Address(_) => return Err("there is nothing below an address".to_owned()),
            },
            None => Rule::Exactly(Host::read(host)?),
        };
        let entry = Self { host, port, text: text.to_owned() };
        match (entry.is_of_machine(), port) {
            (true, None | Some(..OPEN_PORTS)) => {
                Err(format!("a service of this machine needs its port, {OPEN_PORTS} or more"))
            }
            (true, Some(PORT)) => Err(format!("port {PORT} is the proxy's own within")),
            _ => Ok(entry),
        }
    }

    fn covers(&self, target: &Target) -> bool {
        let port = self.port.map_or(USUAL_PORTS.contains(&target.port), |port| port == target.port);
        port && match (&self.host, &target.host) {
            (Rule::Exactly(host), asked) => host == asked || (is_here(host) && is_own(asked)),
            (Rule::Below(domain), Host::Name(name)) => {
                name.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            (Rule::Below(_), Host::Address(_)) => false,
        }
    }

    /// A name that was written out may lie in the operator's own network; what others name below a domain may not.
    fn reach(&self) -> Nearness {
        match &self.host {
            Rule::Exactly(Host::Address(_)) => Nearness::Machine,
            Rule::Exactly(Host::Name(name)) if name == LOCALHOST => Nearness::Machine,
            Rule::Exactly(Host::Name(_)) => Nearness::Private,
            Rule::Below(_) => Nearness::Public,
        }
    }

    fn is_of_machine(&self) -> bool {
        match &self.host {
            Rule::Exactly(Host::Address(address)) => address.is_loopback(),
            Rule::Exactly(Host::Name(name)) => name == LOCALHOST,
            Rule::Below(_) => false,
        }
    }

    fn services(&self) -> Vec<SocketAddr> {
        let (true, Some(port)) = (self.is_of_machine(), self.port) else {
            return Vec::new();
        };
        match &self.host {
            Rule::Exactly(Host::Address(address)) => vec![SocketAddr::new(*address, port)],
            _ => here(port).to_vec(),
        }
    }
}

/// Returns the addresses of `localhost`.
pub fn here(port: u16) -> [SocketAddr; 2] {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(|address| SocketAddr::new(address, port))
}

/// Says whether a host is this machine by its very name.
pub fn is_here(host: &Host) -> bool {
    matches!(host, Host::Name(name) if name == LOCALHOST)
}

/// Says whether a host is one of the addresses of `localhost`.
fn is_own(host: &Host) -> bool {
    here(0).iter().any(|own| *host == Host::Address(own.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Result<AllowList, String> {
        AllowList::read(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_what_is_listed_is_reached() {
        let list = list(&["api.openai.com", "*.github.com:443", "127.0.0.1:11434", "10.0.0.7", "[::1]:9000"]).unwrap();
        let reach = |text: &str| list.reach_of(&Target::read(text, Some(443)).unwrap());
        for (allowed, how) in [
            ("api.openai.com", Nearness::Private),
            ("API.OPENAI.com.:80", Nearness::Private),
            ("api.github.com", Nearness::Public),
            ("a.b.github.com", Nearness::Public),
            ("127.0.0.1:11434", Nearness::Machine),
            ("[::ffff:127.0.0.1]:11434", Nearness::Machine),
            ("10.0.0.7:80", Nearness::Machine),
        ] {
            assert_eq!(reach(allowed), Some(how), "{allowed}");
        }
        for refused in [
            "openai.com",
            "x.api.openai.com",
            "api.openai.com:22",
            "github.com",
            "evilgithub.com",
            "api.github.com:80",
            "github.com.evil.org",
            "127.0.0.1:80",
            "localhost:11434",
            "10.0.0.8",
        ] {
            assert_eq!(reach(refused), None, "{refused}");
        }
        assert_eq!(list.services(), ["127.0.0.1:11434".parse().unwrap(), "[::1]:9000".parse().unwrap()]);
        assert!(list.names("127.0.0.1:11434".parse().unwrap()) && !list.names("127.0.0.1:22".parse().unwrap()));
    }

    #[test]
    fn a_wrong_entry_is_told_with_its_place_and_the_rule() {
        let wrong = |text: &str| list(&["good.example", text]).unwrap_err();
        assert_eq!(
            wrong("https://api.example.com"),
            "allow[1] is \"https://api.example.com\": a host has no `/` in it; write host, host:port, *.domain or an \
             address, such as api.example.com:443"
        );
        assert!(wrong("127.0.0.1").contains("needs its port, 1024 or more"));
        assert!(wrong("localhost:80").contains("needs its port, 1024 or more"));
        assert!(wrong("localhost:3128").contains("the proxy's own"));
        assert!(wrong("*.10.0.0.1").contains("nothing below an address"));
        for text in ["*", "*.", "a.*.b", "", "2130706433", "10.0.0.0/8"] {
            assert!(wrong(text).starts_with("allow[1] is"), "{text}");
        }
    }
}
