//! A [`Plot`] as the inside of an SVG element. The style sheet colours it.

use super::plot::{FOOT, LEFT, Line, Plot, RIGHT, Stroke, TOP, WIDTH};

/// Draws a plot. `x_name` stands below; `x_tick` and `y_tick` write the ticks' values.
pub fn draw(
    plot: &Plot,
    x_name: &str,
    x_tick: &dyn Fn(f32) -> String,
    y_tick: &dyn Fn(f32) -> String,
) -> String {
    let mut svg = String::new();
    let bottom = plot.bottom();
    for &value in &plot.y.ticks {
        let y = plot.at_y(value);
        let name = escaped(&y_tick(value));
        svg += &format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick-name\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 6.0,
            y + 3.5,
        );
    }
    for &value in &plot.x.ticks {
        let x = plot.at_x(value);
        let name = escaped(&x_tick(value));
        svg += &format!(
            "<line class=\"tick\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{bottom}\" y2=\"{}\"/>\
             <text class=\"tick-name\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
            bottom + 4.0,
            bottom + 16.0,
        );
    }
    svg += &format!(
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\
         <text class=\"axis-name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        (LEFT + RIGHT) / 2.0,
        plot.height - FOOT + 31.0,
        escaped(x_name),
    );
    for bar in &plot.bars {
        svg += &format!("<path class=\"pgd-bar s{}\" d=\"{}\"/>", bar.series % 3, plot.bar(bar));
    }
    for line in &plot.lines {
        let class = class(line);
        svg += &format!("<path class=\"pgd-line {class}\" d=\"{}\"/>", plot.path(line));
        if line.marked {
            svg += &format!("<path class=\"pgd-point {class}\" d=\"{}\"/>", plot.marks(line));
        }
    }
    svg
}

/// The `viewBox` of a plot's SVG element.
pub fn view_box(plot: &Plot) -> String {
    format!("0 0 {WIDTH} {}", plot.height.max(TOP + FOOT))
}

fn class(line: &Line) -> String {
    let stroke = match line.stroke {
        Stroke::Solid => "",
        Stroke::Dashed => " dashed",
        Stroke::Faint => " faint",
    };
    format!("s{}{stroke}", line.series % 3)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::super::plot::{Axis, Bar};
    use super::*;

    #[test]
    fn everything_of_a_plot_is_drawn() {
        let points = vec![[0.0, 0.5], [1.0, 1.0]];
        let line = |series, stroke| Line {
            series,
            stroke,
            points: points.clone(),
            stairs: false,
            marked: true,
        };
        let plot = Plot {
            height: 200.0,
            x: Axis::round(0.0, 1.0, 2),
            y: Axis::shares(),
            lines: vec![line(0, Stroke::Solid), line(4, Stroke::Dashed)],
            bars: vec![Bar { series: 2, x: 0.5, low: 0.2, high: 0.4 }],
        };
        let svg = draw(&plot, "a < b", &|it| it.to_string(), &|it| format!("{it} & co"));
        assert_eq!(svg.matches("class=\"pgd-line s0\"").count(), 1);
        assert_eq!(svg.matches("class=\"pgd-line s1 dashed\"").count(), 1);
        assert_eq!(svg.matches("pgd-bar s2").count(), 1);
        assert_eq!(svg.matches("class=\"grid\"").count(), 5);
        assert!(svg.contains("a &lt; b") && svg.contains("0.25 &amp; co"));
        assert_eq!(view_box(&plot), "0 0 360 200");
    }
}
