//! Many durations, and the two questions that are asked of them.

use std::time::Duration;

/// Returns the duration, in milliseconds, that this share of all stayed under; 0 when there are none.
pub fn percentile_ms(sorted: &[Duration], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let index = (sorted.len() as f64 * share) as usize;
    sorted[index.min(last)].as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_from_the_sorted_list() {
        let sorted: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!((percentile_ms(&sorted, 0.5), percentile_ms(&sorted, 0.99)), (51.0, 100.0));
        assert_eq!(percentile_ms(&[], 0.5), 0.0);
    }
}
