import Identity
import Kernel
import Storage
import Web

/// Who looked at the caller's own personal data.
enum ReadCalls {
    static func routes(_ desk: APIDesk) -> [Route] {
        [
            .api(
                .get,
                "/api/v1/my/reads",
                who: .applicants,
                scope: .own,
                zh: "谁查过我的信息",
                en: "Who read my data",
                response: .object([
                    "reads": .list(
                        .object([
                            "at": CallShapes.moment, "act": .text("What was read", lengthMax: 64),
                            "object": .text("Of which thing, kind and identifier", lengthMax: 100),
                            "purpose": .text("The reader's words", lengthMax: 200).orNull,
                            "by": .choice("What kind of reader", Actor.Kind.allCases.map(\.rawValue)),
                            "role": .text("The reader's post", lengthMax: 64),
                            "agency": .text("Code of its body", lengthMax: 64).orNull,
                            "region": .text("Six digits of its division", lengthMax: 6).orNull,
                        ])
                    ),
                    "unreadable": .list(
                        .integer("Number of an entry about the caller that cannot be read", min: 0).orNull
                    ),
                ])
            ) { visit in
                let visitor = try visit.someone()
                let lines = try await desk.database.read { try DataReads.of(ID(visitor.actor.id), in: $0) }
                var (reads, unreadable) = ([JSON](), [JSON]())
                for line in lines {
                    switch line {
                    case .read(let read): reads.append(json(read))
                    case .unreadable(let sequence):
                        unreadable.append(sequence.map { JSON($0) } ?? .null)
                    }
                }
                return .json(["reads": .array(reads), "unreadable": .array(unreadable)])
            }
        ]
    }

    private static func json(_ read: DataRead) -> JSON {
        [
            "at": .string(read.at.description), "act": .string(read.act), "object": .string(read.object),
            "purpose": JSON(read.purpose), "by": .string(read.by.rawValue), "role": .string(read.role),
            "agency": JSON(read.agency), "region": JSON(read.region),
        ]
    }
}
