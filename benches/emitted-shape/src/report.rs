//! The table.

use crate::compile::Cost;
use crate::running::Speed;
use crate::shape::Shape;

/// Everything measured about one shape.
pub struct Row {
    pub shape: Shape,
    pub check: Vec<Cost>,
    pub release: Vec<Cost>,
    pub lines: usize,
    pub library_kb: f64,
    /// `None` for the types without a codec.
    pub speed: Option<Speed>,
}

pub fn print(rows: &[Row]) {
    println!(
        "| shape | check CPU s | check wall s | check peak MB | release CPU s | release wall s | release peak MB | lines | rlib KB |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let (check, release) = (median(&row.check), median(&row.release));
        println!(
            "| {} | {:.2} | {:.2} | {:.0} | {:.2} | {:.2} | {:.0} | {} | {:.0} |",
            row.shape.title(),
            check.cpu,
            check.wall,
            check.peak_mb,
            release.cpu,
            release.wall,
            release.peak_mb,
            row.lines,
            row.library_kb
        );
    }
    println!("\n| shape | decode µs | encode µs | decode k instr. | encode k instr. |");
    println!("|---|--:|--:|--:|--:|");
    for (row, speed) in rows.iter().filter_map(|row| Some((row, row.speed.as_ref()?))) {
        let (decode, encode) = match speed.kilo_instructions {
            Some((decode, encode)) => (format!("{decode:.0}"), format!("{encode:.0}")),
            None => ("–".to_owned(), "–".to_owned()),
        };
        println!(
            "| {} | {:.0} | {:.0} | {decode} | {encode} |",
            row.shape.title(),
            speed.decode_us,
            speed.encode_us
        );
    }
}

/// The median of each figure by itself.
fn median(costs: &[Cost]) -> Cost {
    let middle = |figure: fn(&Cost) -> f64| {
        let mut figures: Vec<f64> = costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Cost {
        wall: middle(|cost| cost.wall),
        cpu: middle(|cost| cost.cpu),
        peak_mb: middle(|cost| cost.peak_mb),
    }
}
