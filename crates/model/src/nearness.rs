//! What lies behind an address: the public network, a private one, or this machine and its surroundings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How near an address is. A name that others answer for may lead only so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Nearness {
    Public,
    /// A network of a house or a company.
    Private,
    /// This machine, its link (where clouds tell their credentials), or no single host at all.
    Machine,
}

impl Nearness {
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Says where that is.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Public => "in the public network",
            Self::Private => "in a private network",
            Self::Machine => "on this machine or its own link",
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Nearness {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Nearness::Private,
        (0 | 127, ..) | (169, 254, _) | (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => {
            Nearness::Machine
        }
        // Groups, what is reserved, and everybody.
        (224.., ..) => Nearness::Machine,
        _ => Nearness::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Nearness {
    let [first, second, third, ..] = address.segments();
    let v4_of = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (first, second) {
        (0xfc00..=0xfdff, _) => Nearness::Private,
        // Translated and tunnelled addresses are as near as the one that they carry.
        (0x0064, 0xff9b) => {
            let [.., high, low] = address.segments();
            of_v4(v4_of(high, low)).max(if third == 0 { Nearness::Public } else { Nearness::Private })
        }
        (0x2002, _) => of_v4(v4_of(second, third)),
        (0x2001, 0x0000 | 0x0db8) => Nearness::Machine,
        (0x2000..=0x3fff, _) => Nearness::Public,
        _ => Nearness::Machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_as_near_as_it_is() {
        let near = |text: &str| Nearness::of(text.parse().unwrap());
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::1.1.1.1"] {
            assert_eq!(near(public), Nearness::Public, "{public}");
        }
        for private in
            ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "2002:a01:203::", "64:ff9b:1::1"]
        {
            assert!(near(private) >= Nearness::Private, "{private}");
        }
        let own = ["127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1"];
        for machine in
            own.into_iter().chain(["ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1"])
        {
            assert_eq!(near(machine), Nearness::Machine, "{machine}");
        }
    }
}
