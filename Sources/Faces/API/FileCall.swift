import Attachments
import Cases
import Foundation
import Kernel
import Storage
import Web

/// Handing a file in with a case of one's own; the form then names it by its digest.
extension CaseCalls {
    private static let type = "application/octet-stream"

    static func attach(_ desk: APIDesk) -> Route {
        Route(
            .post,
            "/api/v1/cases/{id}/files",
            face: .api,
            who: .applicants,
            scope: .own,
            summary: Bilingual(zh: "上传材料文件", en: "Hand a file in with a case"),
            request: .text("The file's bytes: PDF, JPEG, PNG and what else its field takes"),
            response: .object([
                "digest": .text(
                    "What the form's field says",
                    lengthMax: 68,
                    pattern: "^sm3:[0-9a-f]{64}$"
                ),
                "kind": .choice("What its first bytes say it is", FileKind.allCases.map(\.rawValue)),
                "sizeBytes": .integer("As it is kept", unit: "bytes", min: 0),
            ]),
            upload: .documents
        ) { visit in
            let found = try await desk.open(visit, for: "case.draft")
            guard visit.headers["content-type"] == type else {
                throw WebRefusal.unsupportedBody(type: visit.headers["content-type"] ?? "")
            }
            guard let name = (visit.headers["file-name"] ?? "file").removingPercentEncoding,
                (1...200).contains(name.count)
            else { throw WebRefusal.badField(name: "File-Name") }
            let kept = try await desk.desk.attach(
                visit.bytes,
                name: name,
                to: found.id,
                blobs: desk.blobs,
                occasion: visit.occasion
            )
            return .json(
                [
                    "digest": .string(kept.digest), "kind": .string(kept.kind.rawValue),
                    "sizeBytes": JSON(kept.sizeBytes),
                ],
                status: 201
            )
        }.noting(
            status: 201,
            takes: type,
            headers: ["File-Name?": .text("What the sender calls it, percent-encoded UTF-8", lengthMax: 600)],
            refusals: [
                409: ["case.not-allowed-now"], 413: ["file.too-large"], 415: ["web.unsupported-body"],
                422: [
                    "file.kind-unknown", "file.picture-damaged", "file.too-many", "web.bad-field",
                ],
            ]
        )
    }
}
