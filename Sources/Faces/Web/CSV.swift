/// Comma-separated values (RFC 4180) that no spreadsheet takes for a formula.
public enum CSV {
    /// With a byte-order mark, by which office programs know UTF-8.
    public static func bytes(_ rows: [[String]]) -> [UInt8] {
        [0xEF, 0xBB, 0xBF] + lines(rows)
    }

    /// Rows without the mark, to be put behind others.
    public static func lines(_ rows: [[String]]) -> [UInt8] {
        let lines = rows.map { $0.map(field).joined(separator: ",") }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// A long number that is no quantity. Behind a tab office programs leave its digits alone, of which they keep fifteen
    /// otherwise.
    public static func code(_ digits: String) -> String { "\t" + digits }

    /// A text that begins like a formula gets an apostrophe in front (OWASP, CSV injection).
    public static func field(_ text: String) -> String {
        let isFormula =
            text.unicodeScalars.first.map { "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? false
        let digits = text.utf8.dropFirst()
        let isCode =
            text.utf8.first == 0x09 && !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        let safe = isFormula && !isCode ? "'" + text : text
        let needsQuotes = safe.unicodeScalars.contains { "\",\r\n\t".unicodeScalars.contains($0) }
        return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }
}
