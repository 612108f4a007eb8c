import ArchivePackages
import Audit
import Cryptography
import Documents
import Kernel

extension FileVerifier {
    /// A sealed package of a closed matter: who sealed what and when, and what the log says of it.
    func archive(_ bytes: [UInt8]) -> FileVerdict {
        let trust = ArchiveTrust(
            anchors: anchors.national,
            revocation: revocation.national,
            timestamps: DocumentTrust(
                anchors: anchors.international,
                revocation: revocation.international
            ),
            latest: moment + limits.toleranceMilliseconds,
            algorithms: limits.algorithms
        )
        let verdict = ArchiveVerifier(trust).verify(bytes, limits: limits.archive)
        let problems = verdict.problems.map { VerdictLine($0.code, $0.arguments) }
        guard let index = verdict.index else { return FileVerdict(.archive, problems: problems) }
        let matter = index.matter
        let what = VerdictLine(
            "archive.is",
            [
                "number": index.number, "version": String(index.version), "title": matter.title,
                "matter": matter.number, "body": index.fonds.name, "closed": matter.closedAt.minuteText,
                "files": String(index.files.count),
            ]
        )
        let term = VerdictLine(
            index.retention.until == nil ? "archive.kept-for-ever" : "archive.kept-until",
            ["day": index.retention.until?.description ?? ""]
        )
        var proven: [VerdictLine] = []
        var claimed: [VerdictLine] = []
        if let archivist = verdict.archivist, let at = verdict.sealedAt, let stamps = verdict.stamps {
            let sealed = VerdictLine("archive.sealed", ["name": archivist, "time": at.minuteText])
            // What nobody renewed in time proves no time by itself any more.
            if stamps.limit <= moment {
                claimed += [what, sealed, term, stampsEnded(stamps)]
            } else {
                proven += [what, sealed, term] + renewed(verdict.renewals, stamps)
            }
        } else {
            claimed += [what, term]
        }
        if problems.isEmpty {
            proven.append(
                VerdictLine(
                    "archive.files-whole",
                    ["count": String(index.files.count - verdict.withheld.count)]
                )
            )
        }
        if let head = verdict.head {
            proven.append(
                VerdictLine(
                    "archive.entries",
                    ["count": String(verdict.entries), "size": String(head.size), "time": head.at.minuteText]
                )
            )
        }
        if !verdict.withheld.isEmpty {
            claimed.append(VerdictLine("archive.withheld", ["count": String(verdict.withheld.count)]))
        }
        if verdict.withheldEntries > 0 {
            claimed.append(
                VerdictLine("archive.entries-withheld", ["count": String(verdict.withheldEntries)])
            )
        }
        // The tree proves what is in it; that nothing else is about the matter is the archive's word.
        claimed.append(VerdictLine("archive.nothing-else"))
        if index.follows != nil { claimed.append(VerdictLine("archive.follows")) }
        return FileVerdict(
            .archive,
            problems: problems,
            proven: proven,
            claimed: claimed
        )
    }

    private func stampsEnded(_ stamps: ArchiveStamps.Proof) -> VerdictLine {
        VerdictLine("archive.stamp-ended", ["day": stamps.limit.date.description])
    }

    private func renewed(_ count: Int, _ stamps: ArchiveStamps.Proof) -> [VerdictLine] {
        guard count > 0 else { return [] }
        return [
            VerdictLine(
                "archive.renewed",
                [
                    "count": String(count), "time": stamps.last.minuteText,
                    "day": stamps.limit.date.description,
                ]
            )
        ]
    }
}
