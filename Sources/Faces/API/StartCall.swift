import Cases
import Catalogue
import Cryptography
import Forms
import Jobs
import Kernel
import Storage
import Web

/// Opening a draft, once for each key where the caller sends one: whoever got no answer asks again with the same.
extension CaseCalls {
    static func start(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/cases",
            who: .applicants,
            scope: .own,
            zh: "新建办件",
            en: "Start a case",
            request: .object([
                "item": ItemCalls.item, "region": CallShapes.region,
                "data?": .anything("The form so far, an object"),
            ]),
            response: brief
        ) { visit in
            let body = try visit.only(["item", "region", "data"])
            try await desk.require("case.start", visit)
            let region = try body.needed("region")
            guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw WebRefusal.badField(name: "region")
            }
            let given = body["data"].isNull ? [:] : body["data"]
            guard case .object = given else { throw WebRefusal.badField(name: "data") }
            let item = try body.needed("item", lengthMax: 64)
            let definition = try await desk.desk.definitions.offering(
                item,
                region: region,
                on: visit.now.date
            )
            let data = placed(given, in: region, by: definition)
            let act: @Sendable (Once<Case>?) async throws -> Case = {
                try await desk.desk.start(
                    definition,
                    region: region,
                    channel: .online,
                    data: data,
                    once: $0,
                    occasion: visit.occasion
                )
            }
            guard let key = visit.onceKey else {
                guard visit.headers["idempotency-key"] == nil else {
                    throw WebRefusal.badField(name: "Idempotency-Key")
                }
                return .json(started(try await act(nil)), status: 201)
            }
            let once = Once<Case>(
                key: key,
                scope: "start:\(visit.occasion.actor.id)",
                request: SM3.digest(Array("\(visit.path)\n".utf8) + visit.bytes)
            ) { ["case": .string($0.id.rawValue)] }
            switch try await once.run(in: desk.database, looksFirst: false, act) {
            case .done(let new): return .json(started(new), status: 201)
            case .before(let answer):
                // Whose it is may have changed since: a key opens nothing that its owner may not read today.
                let first = try await desk.readable(ID(answer["case"].text ?? ""), visit) { _, _ in () }.0
                return .json(started(first), status: 201)
            }
        }.noting(
            status: 201,
            headers: CallShapes.onceIfAny,
            refusals: [
                403: ["case.not-for-firm"], 404: ["case.unknown-item"],
                409: ["case.too-many-drafts"],
                422: ["form.too-many-rows", "idempotency.different-body"],
            ]
        )
    }

    /// Which body decides follows from where the matter lies: the region of the call, where the form says nothing.
    private static func placed(_ given: JSON, in region: String, by definition: CaseDefinition) -> JSON {
        guard let place = definition.item.plain.flatMap({ FormPath(parsing: $0.district) }),
            given[place].isNull
        else { return given }
        var data = given
        data[place] = .string(region)
        return data
    }

    private static func started(_ new: Case) -> JSON {
        var answer = json(new)
        answer["lookupCode"] = .string(new.lookupCode)
        return answer
    }
}
