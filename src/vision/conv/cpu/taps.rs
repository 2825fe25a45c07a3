//! Sums of shifted, weighted copies of a row of numbers: what a convolution with few taps is once
//! its input lies in memory with its padding.

/// Where a tap reads, relative to where the sum goes, and its weight.
pub type Tap = (usize, f32);

/// `sums[i] = start + sum over taps of weight * source[i + offset]`.
pub fn sum(source: &[f32], taps: &[Tap], start: f32, sums: &mut [f32]) {
    match *taps {
        [] => sums.fill(start),
        [a] => first(source, [a], start, sums),
        [a, b] => first(source, [a, b], start, sums),
        [a, b, c, d] => first(source, [a, b, c, d], start, sums),
        [a, b, c, d, e, f, g, h, i] => first(source, [a, b, c, d, e, f, g, h, i], start, sums),
        [a, b, c, d, e, ref rest @ ..] => {
            first(source, [a, b, c, d, e], start, sums);
            let (fives, rest) = rest.as_chunks::<5>();
            for &five in fives {
                further(source, five, sums);
            }
            for &one in rest {
                further(source, [one], sums);
            }
        }
        [a, ref rest @ ..] => {
            first(source, [a], start, sums);
            for &one in rest {
                further(source, [one], sums);
            }
        }
    }
}

fn first<const N: usize>(source: &[f32], taps: [Tap; N], start: f32, sums: &mut [f32]) {
    let weights = taps.map(|(_, weight)| weight);
    let sources = taps.map(|(offset, _)| &source[offset..offset + sums.len()]);
    for (i, sum) in sums.iter_mut().enumerate() {
        let mut total = start;
        for (weight, source) in weights.iter().zip(&sources) {
            total += weight * source[i];
        }
        *sum = total;
    }
}

fn further<const N: usize>(source: &[f32], taps: [Tap; N], sums: &mut [f32]) {
    let weights = taps.map(|(_, weight)| weight);
    let sources = taps.map(|(offset, _)| &source[offset..offset + sums.len()]);
    for (i, sum) in sums.iter_mut().enumerate() {
        let mut total = *sum;
        for (weight, source) in weights.iter().zip(&sources) {
            total += weight * source[i];
        }
        *sum = total;
    }
}
