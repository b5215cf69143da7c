//! What a crash suite draws, unless the environment says it.

/// Returns the seed (`TENURE_SEED`, or a fresh one) and how many rounds to go (`TENURE_ROUNDS`, or `long` of them with
/// `TENURE_LONG`), and prints both.
pub fn drawn(usual: u64, long: u64) -> (u64, u64) {
    let mut luck = [0; 4];
    getrandom::fill(&mut luck).expect("the operating system has randomness");
    let seed = number("TENURE_SEED").unwrap_or_else(|| u32::from_le_bytes(luck).into());
    let usual = if std::env::var_os("TENURE_LONG").is_some() { long } else { usual };
    let rounds = number("TENURE_ROUNDS").unwrap_or(usual);
    println!("TENURE_SEED={seed}, {rounds} rounds");
    (seed, rounds)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
