import Kernel
import Storage

/// Counts of rows before and after a measurement.
enum BenchStore {
    struct Counts: Sendable {
        var cases: Int64
        var decisions: Int64
        var subjects: Int64
        var credentials: Int64
        var lines: Int64
        /// Questions to outside parties, each signed by the platform.
        var questions: Int64
        var events: Int64
        var entries: Int64
        var unsealed: Int64
    }

    static func counts(in reader: any Reader) throws -> Counts {
        Counts(
            cases: try reader.number("SELECT COUNT(*) FROM case_case WHERE state = 'granted'"),
            decisions: try reader.number(
                "SELECT COUNT(*) FROM case_decision WHERE outcome = 'grant' AND instant = 1"
            ),
            subjects: try reader.number("SELECT COUNT(*) FROM register_subject"),
            credentials: try reader.number("SELECT COUNT(*) FROM credential_record"),
            lines: try reader.number("SELECT COUNT(*) FROM exchange_line WHERE case_id <> ''"),
            questions: try reader.number("SELECT COUNT(*) FROM exchange_message WHERE kind = 'question'"),
            events: try reader.number("SELECT COUNT(*) FROM jobs_event"),
            entries: try reader.number("SELECT COUNT(*) FROM audit_entry"),
            unsealed: try reader.number("SELECT COUNT(*) FROM audit_entry WHERE sequence IS NULL")
        )
    }
}
