public import Kernel

/// What is refused about people, accounts and sessions.
public enum IdentityError: Refusal, Equatable {
    /// Wrong name, password or code. The same for unknown accounts.
    case signInFailed
    /// Too many wrong attempts; the same for unknown accounts.
    case locked(minutes: Int)
    case sessionEnded
    case passwordTooShort(min: Int)
    case passwordTooLong(max: Int)
    /// The new password was typed differently the second time.
    case passwordsDiffer
    /// A code was sent less than a minute ago.
    case codeTooSoon(seconds: Int)
    /// The number had its codes for this hour or day.
    case codeTooMany
    /// Wrong, used, void or too old.
    case codeWrong
    /// Wrong code of the second factor.
    case factorWrong
    /// A code counts once.
    case factorUsed
    case factorLocked(minutes: Int)
    /// Nothing waits to be enrolled by this session.
    case factorNotBegun
    /// A second factor is in force already.
    case factorOn
    /// There is none to take away.
    case factorOff
    /// His post asks for a second factor, which is enrolled with a code from the security administrator.
    case factorByCode
    /// That code is wrong, was used, or its term is over.
    case handedCodeWrong
    /// His post asks for a second factor: it stays.
    case factorNeeded
    /// The police say that name and number do not belong together.
    case nameDiffers
    /// The face is not like enough to the police's picture; both in per cent.
    case faceDiffers(score: Int, needed: Int)
    /// Too many names or faces that the police did not confirm.
    case triesUsed(minutes: Int)
    /// The police did not answer.
    case faceSilent
    case unknownPerson
    case unknownEnterprise
    case unknownStaff
    case unknownAccount
    /// The document belongs to a person known already.
    case documentTaken
    case loginTaken
    case phoneTaken
    /// Somebody changed it since it was read.
    case stale
    case enterpriseNotActive(state: String)
    case notLegalRepresentative
    /// The legal representative acts for his firm without anybody's leave.
    case representativeNeedsNone
    case authorisationTooLong(years: Int)
    case authorisationOver
    case unknownOperation(String)
    /// Not declared in the national register of agents (代理办法).
    case agentNotDeclared
    case agentTooYoung(years: Int)
    /// One account may not hold two of system, security and audit administration.
    case rolesExclude(first: String, second: String)
    /// Nobody changes his own rights.
    case ownRights
    case badPeriod
    case collectiveAgency(String)
    case noPost
    /// Neither an agency nor a division of the tables has this code.
    case unknownBody(String)
    /// No power is looked up for this matter; `known` are.
    case unknownMatter(String, known: [String])
    /// The same power is given already for some of these days.
    case authorityGiven(id: String)
    /// Nobody signs in with this.
    case unknownLogin(String)
    /// He holds no such post, or several, so that the division has to be named.
    case postNotHeld(login: String, role: String)
    case noLimit(String)

    public var code: String {
        switch self {
        case .signInFailed: "sign-in.failed"
        case .locked: "sign-in.locked"
        case .sessionEnded: "session.ended"
        case .passwordTooShort: "password.too-short"
        case .passwordTooLong: "password.too-long"
        case .passwordsDiffer: "password.differ"
        case .codeTooSoon: "sms-code.too-soon"
        case .codeTooMany: "sms-code.too-many"
        case .codeWrong: "sms-code.wrong"
        case .factorWrong: "factor.wrong"
        case .factorUsed: "factor.used"
        case .factorLocked: "factor.locked"
        case .factorNotBegun: "factor.not-begun"
        case .factorOn: "factor.on"
        case .factorOff: "factor.off"
        case .factorByCode: "factor.by-code"
        case .handedCodeWrong: "factor.handed-code-wrong"
        case .factorNeeded: "factor.needed"
        case .nameDiffers: "identity.name-differs"
        case .faceDiffers: "identity.face-differs"
        case .triesUsed: "identity.tries-used"
        case .faceSilent: "identity.face-silent"
        case .unknownPerson: "identity.unknown-person"
        case .unknownEnterprise: "identity.unknown-enterprise"
        case .unknownStaff: "identity.unknown-staff"
        case .unknownAccount: "identity.unknown-account"
        case .documentTaken: "identity.document-taken"
        case .loginTaken: "identity.login-taken"
        case .phoneTaken: "identity.phone-taken"
        case .stale: "identity.stale"
        case .enterpriseNotActive: "identity.enterprise-not-active"
        case .notLegalRepresentative: "identity.not-legal-representative"
        case .representativeNeedsNone: "authorisation.representative"
        case .authorisationTooLong: "authorisation.too-long"
        case .authorisationOver: "authorisation.over"
        case .unknownOperation: "authorisation.unknown-operation"
        case .agentNotDeclared: "agent.not-declared"
        case .agentTooYoung: "agent.too-young"
        case .rolesExclude: "post.roles-exclude"
        case .ownRights: "post.own-rights"
        case .badPeriod: "post.bad-period"
        case .collectiveAgency: "post.collective-agency"
        case .noPost: "post.none"
        case .unknownBody: "post.unknown-body"
        case .unknownMatter: "authority.unknown-matter"
        case .authorityGiven: "authority.given"
        case .unknownLogin: "identity.unknown-login"
        case .postNotHeld: "post.not-held"
        case .noLimit: "identity.no-limit"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .locked(let minutes), .factorLocked(let minutes), .triesUsed(let minutes):
            ["minutes": String(minutes)]
        case .passwordTooShort(let min): ["min": String(min)]
        case .passwordTooLong(let max): ["max": String(max)]
        case .codeTooSoon(let seconds): ["seconds": String(seconds)]
        case .enterpriseNotActive(let state): ["state": state]
        case .authorisationTooLong(let years), .agentTooYoung(let years): ["years": String(years)]
        case .unknownOperation(let name): ["operation": name]
        case .rolesExclude(let first, let second): ["first": first, "second": second]
        case .collectiveAgency(let agency): ["agency": agency]
        case .noLimit(let name): ["name": name]
        case .unknownBody(let code): ["code": code]
        case .unknownMatter(let matter, let known):
            ["matter": matter, "known": known.joined(separator: ", ")]
        case .authorityGiven(let id): ["id": id]
        case .unknownLogin(let login): ["login": login]
        case .postNotHeld(let login, let role): ["login": login, "role": role]
        case .faceDiffers(let score, let needed): ["score": String(score), "needed": String(needed)]
        case .signInFailed, .sessionEnded, .codeTooMany, .codeWrong, .unknownPerson, .unknownEnterprise,
            .unknownStaff,
            .unknownAccount, .documentTaken, .loginTaken, .phoneTaken, .stale, .notLegalRepresentative,
            .representativeNeedsNone,
            .authorisationOver, .agentNotDeclared, .ownRights, .badPeriod, .noPost, .factorWrong, .factorUsed,
            .passwordsDiffer, .nameDiffers, .faceSilent, .factorNotBegun, .factorOn, .factorOff,
            .factorByCode, .handedCodeWrong,
            .factorNeeded:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .signInFailed, .sessionEnded: .signInNeeded
        case .locked, .factorLocked, .triesUsed, .codeTooSoon, .codeTooMany: .tooMany
        case .passwordTooShort, .passwordTooLong, .passwordsDiffer, .nameDiffers, .faceDiffers, .codeWrong,
            .factorWrong, .factorUsed,
            .handedCodeWrong, .representativeNeedsNone, .authorisationTooLong, .unknownOperation,
            .badPeriod,
            .collectiveAgency, .rolesExclude, .agentTooYoung:
            .unacceptable
        case .unknownPerson, .unknownEnterprise, .unknownStaff, .unknownAccount, .unknownBody, .unknownMatter,
            .unknownLogin, .postNotHeld:
            .notFound
        case .documentTaken, .loginTaken, .phoneTaken, .stale, .enterpriseNotActive, .authorisationOver,
            .factorNotBegun, .factorOn, .factorOff, .factorByCode, .factorNeeded, .authorityGiven:
            .notAllowedNow
        case .notLegalRepresentative, .agentNotDeclared, .ownRights, .noPost: .forbidden
        case .noLimit, .faceSilent: .unavailable
        }
    }
}
