//! Minimum, median and maximum, and whether a goal is met.

use super::Cost;

/// Minimum, median and maximum of `values`.
pub fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]]
}

/// One figure of every run.
pub fn each(costs: &[Cost], of: fn(&Cost) -> f64) -> Vec<f64> {
    costs.iter().map(of).collect()
}

pub const WALL: fn(&Cost) -> f64 = |cost| cost.wall * 1e3;
pub const CPU: fn(&Cost) -> f64 = |cost| cost.cpu * 1e3;
pub const MEBIBYTES: fn(&Cost) -> f64 = |cost| cost.memory / 1_048_576.0;
pub const MEGABYTES: fn(&Cost) -> f64 = |cost| cost.memory / 1e6;

/// Names the columns of [`line`].
pub fn head(title: &str, rounds: usize) {
    println!("\n{title} ({rounds} rounds in turn)");
    println!("  {:<58} {:>9} {:>9} {:>9}", "", "min", "median", "max");
}

/// Prints one figure.
pub fn line(name: &str, values: &[f64]) {
    let [min, median, max] = spread(values);
    println!("  {name:<58} {min:>9.2} {median:>9.2} {max:>9.2}");
}

/// Prints the ratio of two contenders, round by round, against the goal for its median.
pub fn ratio(name: &str, ours: &[f64], theirs: &[f64], goal: Option<f64>) {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
    line(name, &ratios);
    if let Some(goal) = goal {
        verdict(spread(&ratios)[1], goal, "median");
    }
}

/// Prints one figure against a bound for its maximum.
pub fn bounded(name: &str, values: &[f64], goal: f64) {
    line(name, values);
    verdict(spread(values)[2], goal, "maximum");
}

/// Prints one figure against a bound for its median.
pub fn at_most(name: &str, values: &[f64], goal: f64) {
    line(name, values);
    verdict(spread(values)[1], goal, "median");
}

/// Prints one figure against a bound for its median from below.
pub fn at_least(name: &str, values: &[f64], goal: f64) {
    line(name, values);
    let word = if spread(values)[1] >= goal { "met" } else { "MISSED" };
    println!("  {:>58} median at least {goal}: {word}", "goal:");
}

fn verdict(value: f64, goal: f64, which: &str) {
    let word = if value <= goal { "met" } else { "MISSED" };
    println!("  {:>58} {which} at most {goal}: {word}", "goal:");
}
