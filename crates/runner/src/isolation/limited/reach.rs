//! Reaches a target that the allow list admits. Names are resolved here, outside, and may lead only so far.

use std::net::SocketAddr;
use std::time::Duration;

use tenure_model::Nearness;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::allow::{AllowList, here, is_here};
use super::target::{Host, Target};

/// How long resolving a name may take, and connecting.
const RESOLVED_WITHIN: Duration = Duration::from_secs(10);
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);

/// Why something is not passed on.
#[derive(PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It is no request that a proxy understands.
    Malformed(&'static str),
    NotAllowed(String),
    Unreachable(String),
}

/// Connects to a target.
pub async fn connect(allow: &AllowList, target: &Target) -> Result<TcpStream, Refusal> {
    let Some(reach) = allow.reach_of(target) else {
        return Err(Refusal::NotAllowed(format!("{target} is not among the hosts of `allow` in [isolation]")));
    };
    let addresses = admitted(allow, target, reach, resolve(target).await?)?;
    let unreachable = |why: &dyn std::fmt::Display| Refusal::Unreachable(format!("{target} cannot be reached: {why}"));
    let connected = timeout(CONNECTED_WITHIN, TcpStream::connect(&addresses[..])).await;
    let stream = connected.map_err(|_| unreachable(&"it does not answer"))?.map_err(|error| unreachable(&error))?;
    let ends = stream.peer_addr().and_then(|peer| Ok((peer, stream.local_addr()?)));
    let (peer, own) = ends.map_err(|error| unreachable(&error))?;
    // An address that this machine has in a network looks like any other one, until it is reached.
    if reach < Nearness::Machine && peer.ip() == own.ip() && !allow.names(peer) {
        return Err(too_near(target, peer, Nearness::Machine));
    }
    // A request is short, and somebody waits for its answer.
    stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
    Ok(stream)
}

async fn resolve(target: &Target) -> Result<Vec<SocketAddr>, Refusal> {
    let name = match &target.host {
        Host::Address(address) => return Ok(vec![SocketAddr::new(*address, target.port)]),
        host if is_here(host) => return Ok(here(target.port).to_vec()),
        Host::Name(name) => name,
    };
    match timeout(RESOLVED_WITHIN, lookup_host((name.as_str(), target.port))).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(Refusal::Unreachable(format!("{name} cannot be found: {error}"))),
        Err(_) => Err(Refusal::Unreachable(format!("{name} cannot be found in time"))),
    }
}

/// Returns those addresses that are not nearer than the target may be.
fn admitted(
    allow: &AllowList,
    target: &Target,
    reach: Nearness,
    found: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Refusal> {
    let is_open = |address: &SocketAddr| Nearness::of(address.ip()) <= reach || allow.names(*address);
    let (open, shut): (Vec<_>, Vec<_>) = found.into_iter().partition(is_open);
    match (open.is_empty(), shut.first()) {
        (false, _) => Ok(open),
        (true, Some(shut)) => Err(too_near(target, *shut, Nearness::of(shut.ip()))),
        (true, None) => Err(Refusal::Unreachable(format!("{target} has no address"))),
    }
}

fn too_near(target: &Target, address: SocketAddr, nearness: Nearness) -> Refusal {
    let (address, place) = (address.ip(), nearness.in_words());
    Refusal::NotAllowed(format!(
        "{target} leads to {address}, {place}; if that is meant, name {address} in `allow` of [isolation], too"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(allow: &[&str], target: &str, found: &[&str]) -> Result<Vec<SocketAddr>, Refusal> {
        let allow = AllowList::read(&allow.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap();
        let target = Target::read(target, None).unwrap();
        let found = found.iter().map(|address| SocketAddr::new(address.parse().unwrap(), target.port)).collect();
        admitted(&allow, &target, allow.reach_of(&target).unwrap(), found)
    }

    #[test]
    fn a_name_leads_only_so_far() {
        let metadata = judged(&["*.evil.org"], "a.evil.org:80", &["169.254.169.254", "::ffff:10.0.0.1"]).unwrap_err();
        let Refusal::NotAllowed(why) = metadata else { panic!("{metadata:?}") };
        assert_eq!(
            why,
            "a.evil.org:80 leads to 169.254.169.254, on this machine or its own link; if that is meant, name \
             169.254.169.254 in `allow` of [isolation], too"
        );
        let mixed = judged(&["*.evil.org"], "a.evil.org:80", &["127.0.0.1", "1.1.1.1"]).unwrap();
        assert_eq!(mixed, ["1.1.1.1:80".parse().unwrap()]);
        assert!(judged(&["*.evil.org"], "a.evil.org:80", &["10.0.0.1"]).is_err());
        assert!(judged(&["git.house"], "git.house:80", &["10.0.0.1"]).is_ok(), "the operator wrote the whole name");
        assert!(judged(&["git.house"], "git.house:80", &["127.0.0.1"]).is_err());
        assert!(judged(&["git.house:8080", "127.0.0.1:8080"], "git.house:8080", &["127.0.0.1"]).is_ok());
        assert!(matches!(judged(&["git.house"], "git.house:80", &[]), Err(Refusal::Unreachable(_))));
    }
}
