public import Storage

/// One line of the route table: what is asked, by whom, about whose data, and what answers.
///
/// Routing, the access test, the OpenAPI document and the sitemap are all made from these lines.
public final class Route: Sendable {
    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// How the answer is written, errors included.
    public enum Face: String, Sendable {
        /// HTML for a browser: forms carry a guard token, refusals are pages.
        case page
        /// JSON for a program: refusals are `application/problem+json` (RFC 9457).
        case api
    }

    /// Which files a form takes along: how large its body may be is dated data (`SitePorts.uploadBytesMax`).
    public enum Upload: String, Sendable, CaseIterable {
        case documents
        /// A picture of a face.
        case sample
        /// A file that is verified and not kept.
        case verification
    }

    public typealias Handler = @Sendable (Visit) async throws -> Reply

    public let method: Method
    /// Segments between slashes; `{name}` stands for exactly one, `{name*}` as the last for all that follow.
    public let path: String
    public let face: Face
    public let who: Set<Role>
    public let scope: DataScope
    public let summary: Bilingual
    /// The shape of the form or JSON body, or of the query of a GET.
    public let request: Shape?
    public let response: Shape?
    /// A larger body is refused unread.
    public let bodyBytesMax: Int
    /// Nil where no file is taken.
    public let upload: Upload?
    private let extras: Extras
    public let handle: Handler

    public init(
        _ method: Method,
        _ path: String,
        face: Face,
        who: Set<Role>,
        scope: DataScope,
        summary: Bilingual,
        request: Shape? = nil,
        response: Shape? = nil,
        bodyBytesMax: Int = 262_144,
        upload: Upload? = nil,
        handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.face = face
        self.who = who
        self.scope = scope
        self.summary = summary
        self.request = request
        self.response = response
        self.bodyBytesMax = bodyBytesMax
        self.upload = upload
        self.handle = handle
        extras = Extras()
    }

    /// What only some have.
    private struct Extras: Sendable {
        var purposeField: String?
        var wording: (@Sendable (Visit) async -> [String: AnswerWords])?
        var questions: (@Sendable ([String: String]) -> [Question])?
        var notes = CallNotes()
    }

    private init(_ route: Route, changing change: (inout Extras) -> Void) {
        method = route.method
        path = route.path
        face = route.face
        who = route.who
        scope = route.scope
        summary = route.summary
        request = route.request
        response = route.response
        bodyBytesMax = route.bodyBytesMax
        upload = route.upload
        handle = route.handle
        var extras = route.extras
        change(&extras)
        self.extras = extras
    }

    /// The field of the form that says why: of members of staff only, for the words stay in the log.
    public var purposeField: String? { extras.purposeField }
    /// What the form calls its questions and how its answers read, by field: for a form that could not be taken. It
    /// is asked before anybody is known, and reads nothing but what was sent.
    public var wording: (@Sendable (Visit) async -> [String: AnswerWords])? { extras.wording }
    /// What is read by the path's values alone: it is asked together with the session, and answered with it
    /// (`Visit.answers`). Nobody sees of it what the handler does not show him.
    public var questions: (@Sendable ([String: String]) -> [Question])? { extras.questions }
    /// What programs must know beyond the shapes.
    public var notes: CallNotes { extras.notes }

    /// A page, or a form's target.
    public static func page(
        _ method: Method,
        _ path: String,
        who: Set<Role>,
        scope: DataScope,
        zh: String,
        en: String,
        request: Shape? = nil,
        upload: Upload? = nil,
        handle: @escaping Handler
    ) -> Route {
        Route(
            method,
            path,
            face: .page,
            who: who,
            scope: scope,
            summary: Bilingual(zh: zh, en: en),
            request: request,
            upload: upload,
            handle: handle
        )
    }

    /// A call of the API. Its path begins with `/api/`.
    public static func api(
        _ method: Method,
        _ path: String,
        who: Set<Role>,
        scope: DataScope,
        zh: String,
        en: String,
        request: Shape? = nil,
        response: Shape? = nil,
        bodyBytesMax: Int = 1_048_576,
        handle: @escaping Handler
    ) -> Route {
        Route(
            method,
            path,
            face: .api,
            who: who,
            scope: scope,
            summary: Bilingual(zh: zh, en: en),
            request: request,
            response: response,
            bodyBytesMax: bodyBytesMax,
            handle: handle
        )
    }
}

/// What a program must know of a call beyond the shapes of what goes in and comes out.
public struct CallNotes: Sendable {
    /// The status of a good answer.
    public var status = 200
    /// The type of a good answer.
    public var type = "application/json"
    /// The type of the body that it takes where that is not JSON; its bytes are the handler's.
    public var takes: String?
    /// Headers that a call must carry, by name; with a question mark behind it, those that it may carry.
    public var headers: [String: Shape] = [:]
    /// Stable codes that a caller has to expect, by HTTP status, beside those that every call may meet.
    public var refusals: [Int: [String]] = [:]

    public init() {}
}

extension Route {
    /// The same page, whose form asks an officer why.
    public func takingPurpose(from field: String) -> Route { Route(self) { $0.purposeField = field } }

    /// The same page, whose form can be read back in words.
    public func worded(_ wording: @escaping @Sendable (Visit) async -> [String: AnswerWords]) -> Route {
        Route(self) { $0.wording = wording }
    }

    /// The same, asking the database with the session.
    public func asking(_ questions: @escaping @Sendable ([String: String]) -> [Question]) -> Route {
        Route(self) { $0.questions = questions }
    }

    /// The same call with its notes.
    public func noting(
        status: Int = 200,
        type: String = "application/json",
        takes: String? = nil,
        headers: [String: Shape] = [:],
        refusals: [Int: [String]] = [:]
    ) -> Route {
        Route(self) {
            $0.notes.status = status
            $0.notes.type = type
            $0.notes.takes = takes
            $0.notes.headers = headers
            $0.notes.refusals = refusals
        }
    }
}
