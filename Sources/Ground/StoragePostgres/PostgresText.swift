/// Turns a statement of a schema into PostgreSQL's words: `BLOB` becomes `BYTEA`, and a `TEXT` column is compared by
/// bytes (`COLLATE "C"`), whatever the database's own collation is, so that both engines sort alike. What stands in
/// quotes is left as it is, and so is `CAST(… AS TEXT)`. Tables without rows beside their key are SQLite's alone.
func postgresSchemaText(_ sql: String) -> String {
    let sql = sql.replacing(" WITHOUT ROWID", with: "")
    var out = ""
    var word = ""
    var previous = ""
    var quote: Character?
    func flush() {
        switch word.uppercased() {
        case "": return
        case "BLOB": out += "BYTEA"
        case "TEXT" where previous != "AS": out += "TEXT COLLATE \"C\""
        default: out += word
        }
        previous = word.uppercased()
        word = ""
    }
    for character in sql {
        if let open = quote {
            out.append(character)
            if character == open { quote = nil }
        } else if character.isLetter || character.isNumber || character == "_" {
            word.append(character)
        } else {
            flush()
            out.append(character)
            if character == "'" || character == "\"" { quote = character }
        }
    }
    flush()
    return out
}

/// `"name"`, with quotes inside doubled.
func quotedName(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
