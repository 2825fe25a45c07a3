//! A plane with its padding, split by the remainders of its coordinates modulo the stride.
//!
//! After the split a tap of a strided convolution reads neighbouring numbers for neighbouring
//! outputs, so one loop serves a whole plane whatever the stride is. The loop runs over the ends
//! of rows too; what it computes there is left out when rows are copied on.

use crate::vision::conv::geometry::Axis;

/// Zeros around, and pixels of each remainder together: [stride, stride, height, width].
pub struct Phases {
    values: Vec<f32>,
    rows: Axis,
    columns: Axis,
    /// Rows of one part.
    pub height: usize,
    /// Numbers from one row of a part to the next.
    pub width: usize,
    slack: usize,
}

fn length(axis: Axis) -> usize {
    axis.output - 1 + axis.kernel.div_ceil(axis.stride)
}

impl Phases {
    /// All zero, with `slack` numbers after each row that belong to no pixel.
    pub fn new(rows: Axis, columns: Axis, slack: usize) -> Self {
        let (height, width) = (length(rows), length(columns) + slack);
        let values = vec![0.0; rows.stride * columns.stride * height * width];
        Self { values, rows, columns, height, width, slack }
    }

    /// All pixels of one remainder, counted row by row, without the slack after the last row.
    pub fn part_mut(&mut self, remainder: usize) -> &mut [f32] {
        let size = self.height * self.width;
        &mut self.values[remainder * size..][..size - self.slack]
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Numbers from the first to the last output of a plane when rows are of [`Self::width`].
    pub fn span(&self) -> usize {
        (self.rows.output - 1) * self.width + self.columns.output
    }

    /// Where output (0, 0) finds the tap at `row`, `column` of the kernel.
    pub fn offset(&self, row: usize, column: usize) -> usize {
        self.start(row, column % self.columns.stride) + column / self.columns.stride
    }

    /// Where a padded row's part with a remainder begins.
    fn start(&self, padded_row: usize, remainder: usize) -> usize {
        let stride = self.rows.stride;
        let part = padded_row % stride * self.columns.stride + remainder;
        (part * self.height + padded_row / stride) * self.width
    }

    /// The part of a row of the plane that falls to a remainder: its first pixel, and where that
    /// lies in [`Self::values`], and how many follow. None if there is none.
    fn run(&self, row: usize, remainder: usize) -> Option<(usize, usize, usize)> {
        let padded_row = row + self.rows.before;
        if padded_row / self.rows.stride >= self.height {
            return None;
        }
        let Axis { stride, before, input, .. } = self.columns;
        let first = (remainder + stride - before % stride) % stride;
        let skipped = (first + before) / stride;
        let count = input.saturating_sub(first).div_ceil(stride);
        let count = count.min((self.width - self.slack).saturating_sub(skipped));
        (count > 0).then(|| (first, self.start(padded_row, remainder) + skipped, count))
    }

    /// Takes a plane in.
    pub fn fill(&mut self, plane: &[f32]) {
        let stride = self.columns.stride;
        for (row, pixels) in plane.chunks_exact(self.columns.input).enumerate() {
            for remainder in 0..stride {
                let Some((first, start, count)) = self.run(row, remainder) else { continue };
                let part = &mut self.values[start..start + count];
                match stride {
                    1 => part.copy_from_slice(&pixels[first..first + count]),
                    2 => part
                        .iter_mut()
                        .zip(pixels[first..].chunks(2))
                        .for_each(|(value, pair)| *value = pair[0]),
                    _ => part
                        .iter_mut()
                        .zip(pixels[first..].iter().step_by(stride))
                        .for_each(|(value, pixel)| *value = *pixel),
                }
            }
        }
    }

    /// Hands the plane out again, without its padding; pixels that no output sees are left alone.
    pub fn copy_to(&self, plane: &mut [f32]) {
        let stride = self.columns.stride;
        for (row, pixels) in plane.chunks_exact_mut(self.columns.input).enumerate() {
            for remainder in 0..stride {
                let Some((first, start, count)) = self.run(row, remainder) else { continue };
                let part = &self.values[start..start + count];
                match stride {
                    1 => pixels[first..first + count].copy_from_slice(part),
                    _ => pixels[first..]
                        .iter_mut()
                        .step_by(stride)
                        .zip(part)
                        .for_each(|(pixel, value)| *pixel = *value),
                }
            }
        }
    }
}
