import Kernel

/// Where a search leads by the words that people use for a service, beside the names of items.
public struct SearchedService: Sendable {
    /// Path of the page.
    public let path: String
    public let titleZH: String
    public let titleEN: String
    public let noteZH: String
    public let noteEN: String
    /// In both languages, apart by spaces.
    public let words: String
}

/// `search-words.tsv`.
public struct SearchWords: Sendable {
    public let all: [SearchedService]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "search-words.tsv",
            home: home,
            columns: ["leads_to", "title_zh", "title_en", "note_zh", "note_en", "words"]
        )
        all = try table.map { (row: TabRow) throws(StandardsError) -> SearchedService in
            SearchedService(
                path: row.text("leads_to"),
                titleZH: row.text("title_zh"),
                titleEN: row.text("title_en"),
                noteZH: row.text("note_zh"),
                noteEN: row.text("note_en"),
                words: row.text("words")
            )
        }
    }
}
