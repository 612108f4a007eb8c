import ArchivePackages
import CaseArchive
import Credentials
import Cryptography
import Documents
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("the archive of a closed case")
struct ArchiveTests {
    @Test("holds the whole file and is believed by a stranger", arguments: DatabaseEngine.allCases)
    func whole(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let bytes = try await archived.file()
            let verdict = try archived.verifier().verify(bytes)
            #expect(verdict.problems == [])
            #expect(verdict.kind == .archive)
            #expect(
                verdict.proven.map(\.code) == [
                    "archive.is", "archive.sealed", "archive.kept-for-ever", "archive.files-whole",
                    "archive.entries",
                ]
            )
            let kinds = Set(archived.archive.index.files.map(\.kind))
            #expect(
                kinds.isSuperset(of: [
                    "form", "paper", "signatures", "decision", "document", "credential", "message", "line",
                    "history", "log", "index", "readme",
                ])
            )
            // Nobody is named in what outlives the files.
            let index = String(decoding: archived.archive.index.bytes, as: UTF8.self)
            #expect(!index.contains("\"name\":\"张"))
        }
    }
}
