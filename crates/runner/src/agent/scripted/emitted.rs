//! A text that only a seed decides, so that a test knows every byte that an agent will have said.

/// The characters that are drawn from: one to four bytes long.
const CHARACTERS: [char; 16] = ['a', 'b', 'c', 'x', 'y', 'z', ' ', '.', '\n', '"', '\\', 'é', 'ß', '漢', '€', '🙂'];

/// Returns exactly `bytes` bytes of text, always the same for the same seed; a longer one begins like a shorter one
/// but for its last bytes.
pub fn emitted(seed: u64, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    let mut state = seed;
    while text.len() < bytes {
        let index = usize::try_from(next(&mut state) % CHARACTERS.len() as u64).expect("it is below 16");
        let character = CHARACTERS[index];
        text.push(if text.len() + character.len_utf8() <= bytes { character } else { '.' });
    }
    text
}

/// The generator SplitMix64, by Sebastiano Vigna, in the public domain.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_byte() {
        assert_eq!(emitted(7, 1_000), emitted(7, 1_000));
        assert_ne!(emitted(7, 1_000), emitted(8, 1_000));
        for bytes in 0..100 {
            assert_eq!(emitted(7, bytes).len(), bytes);
        }
        assert!(emitted(7, 1_000).contains('漢'));
    }
}
