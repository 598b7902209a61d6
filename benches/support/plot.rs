//! A plot with two logarithmic axes as SVG, small enough to be read as text.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
const COLORS: [&str; 4] = ["#0b6e99", "#c2410c", "#3f7d20", "#7c3aed"];

/// One line of the plot.
pub struct Series<'s> {
    pub name: &'s str,
    pub points: Vec<(f64, f64)>,
    /// Whether it is no measurement: drawn thin and dashed.
    pub reference: bool,
}

/// The picture. Every value must be positive.
pub fn log_log(title: &str, x: &str, y: &str, series: &[Series<'_>]) -> String {
    let all = || series.iter().flat_map(|series| series.points.iter().copied());
    let range = |of: fn((f64, f64)) -> f64| {
        let logs: Vec<f64> = all().map(|point| of(point).log10()).collect();
        let (low, high) = (logs.iter().copied().fold(f64::MAX, f64::min), logs.iter().copied().fold(f64::MIN, f64::max));
        (low.floor(), if high.ceil() > low.floor() { high.ceil() } else { low.floor() + 1.0 })
    };
    let ((left, right), (low, high)) = (range(|point| point.0), range(|point| point.1));
    let across = |value: f64| LEFT + (value.log10() - left) / (right - left) * (WIDTH - LEFT - RIGHT);
    let down = |value: f64| HEIGHT - BOTTOM - (value.log10() - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"20\" font-size=\"14\">{title}</text>\n"
    );
    let mut line = |x1: f64, y1: f64, x2: f64, y2: f64| {
        writeln!(svg, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#ddd\"/>").unwrap();
    };
    let decades = |low: f64, high: f64| std::iter::successors(Some(low), |at| Some(at + 1.0)).take_while(move |at| *at <= high);
    for at in decades(left, right).map(|at| across(10_f64.powf(at))) {
        line(at, TOP, at, HEIGHT - BOTTOM);
    }
    for at in decades(low, high).map(|at| down(10_f64.powf(at))) {
        line(LEFT, at, WIDTH - RIGHT, at);
    }
    let mut text = |x: f64, y: f64, anchor: &str, color: &str, text: &str| {
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{color}\">{text}</text>").unwrap();
    };
    for at in decades(left, right).map(|at| 10_f64.powf(at)) {
        text(across(at), HEIGHT - BOTTOM + 18.0, "middle", "#333", &label(at));
    }
    for at in decades(low, high).map(|at| 10_f64.powf(at)) {
        text(LEFT - 8.0, down(at) + 4.0, "end", "#333", &label(at));
    }
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0, "middle", "#333", x);
    text(LEFT, TOP - 6.0, "middle", "#333", y);
    for (index, series) in series.iter().enumerate() {
        let color = if series.reference { "#999" } else { COLORS[index % COLORS.len()] };
        let points: Vec<String> = series.points.iter().map(|(x, y)| format!("{:.1},{:.1}", across(*x), down(*y))).collect();
        let style = if series.reference { " stroke-dasharray=\"4 4\"" } else { " stroke-width=\"2\"" };
        writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\"{style}/>", points.join(" ")).unwrap();
        let (x, y) = series.points[series.points.len() - 1];
        writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>", across(x) + 6.0, down(y) + 4.0, series.name)
            .unwrap();
        for (x, y) in series.points.iter().filter(|_| !series.reference) {
            writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{color}\"/>", across(*x), down(*y)).unwrap();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A power of ten.
fn label(value: f64) -> String {
    if value < 1.0 { format!("{value}") } else { format!("{value:.0}") }
}
