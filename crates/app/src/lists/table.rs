//! Plain tables: columns as wide as their widest cell.

use unicode_width::UnicodeWidthStr;

use crate::chat::clean;

/// Returns a table with a head; without rows it says so.
pub fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return "nothing to show\n".to_owned();
    }
    let rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| clean(&cell).replace('\n', " "))).collect();
    let mut widths = head.map(UnicodeWidthStr::width);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = line(&widths, &head.map(str::to_uppercase));
    rows.iter().for_each(|row| text += &line(&widths, row));
    text
}

fn line<const N: usize>(widths: &[usize; N], cells: &[String; N]) -> String {
    let mut text = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        text += cell;
        text += &" ".repeat(width + 2 - cell.width());
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![
            ["a".to_owned(), "日本".to_owned(), "x".to_owned()],
            ["long".to_owned(), "b".to_owned(), "y".to_owned()],
        ];
        assert_eq!(table(["id", "t", "z"], rows), "ID    T     Z\na     日本  x\nlong  b     y\n");
        assert_eq!(table(["id"], vec![]), "nothing to show\n");
    }
}
