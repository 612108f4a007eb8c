public import Storage

/// The tables of correspondence.
public enum CorrespondenceMigrations {
    public static let all: [Migration] = [
        Migration(
            "correspondence",
            1,
            """
            CREATE TABLE correspondence_series (
                agency TEXT NOT NULL, series TEXT NOT NULL, year BIGINT NOT NULL, last BIGINT NOT NULL,
                PRIMARY KEY (agency, series, year))
            """,
            """
            CREATE TABLE correspondence_paper (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, wording TEXT NOT NULL, case_id TEXT NOT NULL,
                agency TEXT NOT NULL, number TEXT, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
                marked TEXT NOT NULL, version BIGINT NOT NULL, supersedes TEXT, state TEXT NOT NULL,
                digest BLOB NOT NULL, filed_at BIGINT NOT NULL, seal TEXT)
            """,
            "CREATE INDEX correspondence_paper_case ON correspondence_paper (case_id, filed_at, id)",
            "CREATE UNIQUE INDEX correspondence_paper_number ON correspondence_paper (agency, number)",
            """
            CREATE TABLE correspondence_service (
                id TEXT PRIMARY KEY, paper TEXT NOT NULL REFERENCES correspondence_paper (id),
                recipient TEXT NOT NULL, channel TEXT NOT NULL, consent TEXT NOT NULL, served_at BIGINT NOT NULL,
                proof TEXT NOT NULL, read_at BIGINT)
            """,
            "CREATE INDEX correspondence_service_paper ON correspondence_service (paper, served_at)",
            "CREATE INDEX correspondence_service_recipient ON correspondence_service (recipient, served_at)",
            """
            CREATE TABLE correspondence_message (
                id TEXT PRIMARY KEY, template TEXT NOT NULL, case_number TEXT NOT NULL, recipient TEXT NOT NULL,
                phone TEXT, text_zh TEXT NOT NULL, text_en TEXT NOT NULL, link TEXT NOT NULL, at BIGINT NOT NULL,
                sms_at BIGINT, sms TEXT NOT NULL, read_at BIGINT)
            """,
            "CREATE INDEX correspondence_message_recipient ON correspondence_message (recipient, at)",
            "CREATE INDEX correspondence_message_case ON correspondence_message (case_number, at)",
            "CREATE INDEX correspondence_message_at ON correspondence_message (at)"
        )
    ]
}
