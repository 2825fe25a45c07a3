//! A matrix product whose right side is gathered and whose result is handed out block by block.
//!
//! Gathering takes the place of an im2col, and of the mask of an activation; handing out takes the
//! place of a bias, of an activation, and of a col2im. Neither ever makes a pass of its own over
//! memory.

/// Rows of a block of the result.
const ROWS: usize = 4;
/// Columns of a block of the result: two vectors of four.
const COLUMNS: usize = 8;
/// Numbers of the right side that are worked on at a time: what a second-level cache holds.
const GATHERED: usize = 32768;

/// The left side: a matrix in panels of [`ROWS`] rows, each panel column by column.
pub struct Packed {
    panels: Vec<f32>,
    rows: usize,
    columns: usize,
}

impl Packed {
    /// From a row-major matrix [rows, columns].
    pub fn rows(matrix: &[f32], rows: usize, columns: usize) -> Self {
        let mut panels = vec![0.0; rows.div_ceil(ROWS) * ROWS * columns];
        for (row, values) in matrix.chunks_exact(columns).enumerate() {
            let panel = &mut panels[row / ROWS * ROWS * columns..];
            for (packed, &value) in panel.chunks_exact_mut(ROWS).zip(values) {
                packed[row % ROWS] = value;
            }
        }
        Self { panels, rows, columns }
    }

    /// The transpose of a row-major matrix [rows, columns].
    pub fn columns(matrix: &[f32], rows: usize, columns: usize) -> Self {
        let mut panels = vec![0.0; columns.div_ceil(ROWS) * ROWS * rows];
        for (panel, first) in panels.chunks_exact_mut(ROWS * rows).zip((0..columns).step_by(ROWS)) {
            let last = columns.min(first + ROWS);
            for (packed, row) in panel.chunks_exact_mut(ROWS).zip(matrix.chunks_exact(columns)) {
                packed[..last - first].copy_from_slice(&row[first..last]);
            }
        }
        Self { panels, rows: columns, columns: rows }
    }

    /// Columns of the left side, which are rows of the right one.
    pub fn depth(&self) -> usize {
        self.columns
    }

    /// Multiplies with a matrix [depth, `width`].
    ///
    /// `gather(k, first, values)` is to fill `values` with row `k` of it, from column `first` on.
    /// `hand_out(row, first, values)` gets the result's `row`, from column `first` on.
    pub fn multiply(
        &self,
        width: usize,
        mut gather: impl FnMut(usize, usize, &mut [f32]),
        mut hand_out: impl FnMut(usize, usize, &[f32]),
    ) {
        let depth = self.columns;
        if depth == 0 || width == 0 {
            return;
        }
        let blocks = (GATHERED / (depth * COLUMNS)).clamp(1, width.div_ceil(COLUMNS));
        let mut right = vec![[0.0; COLUMNS]; blocks * depth];
        let mut row_of_right = vec![0.0; blocks * COLUMNS];
        let mut result = vec![[0.0; COLUMNS]; ROWS * blocks];
        for first in (0..width).step_by(blocks * COLUMNS) {
            let count = (width - first).min(blocks * COLUMNS);
            for k in 0..depth {
                gather(k, first, &mut row_of_right[..count]);
                let (columns, _) = row_of_right.as_chunks::<COLUMNS>();
                for (block, &columns) in columns.iter().enumerate() {
                    right[block * depth + k] = columns;
                }
            }
            let panels = self.panels.chunks_exact(ROWS * depth);
            for (panel, row) in panels.zip((0..self.rows).step_by(ROWS)) {
                let (panel, _) = panel.as_chunks::<ROWS>();
                for (block, right) in right.chunks_exact(depth).enumerate() {
                    for (offset, sums) in block_product(panel, right).into_iter().enumerate() {
                        result[offset * blocks + block] = sums;
                    }
                }
                for (offset, sums) in result.chunks_exact(blocks).enumerate() {
                    if row + offset < self.rows {
                        hand_out(row + offset, first, &sums.as_flattened()[..count]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn block_product(left: &[[f32; ROWS]], right: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (left, right) in left.iter().zip(right) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += left * right;
            }
        }
    }
    sums
}
