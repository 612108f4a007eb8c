import Audit
import Foundation
import Identity
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("members of staff and powers from the command line")
struct StaffMaintenanceTests {
    @Test(
        "a member of staff is opened with one post, signs in with the password shown, and is not opened twice"
    )
    func staff() async throws {
        try await eachMaintained { town, maintenance, _ in
            func open(_ login: String, region: String = "150203") async throws -> OpenedStaff {
                try await maintenance.openStaff(
                    login,
                    name: "赵海",
                    role: .registrar,
                    agency: "NMSCJG",
                    region: region,
                    basis: "任命〔2026〕3号"
                )
            }
            let opened = try await open("zhao.hai")
            let identity = try IdentitySettings(
                keys: try maintenance.identityKeys(),
                limits: try IdentityLimits(home: town.platform.settings.home)
            )
            let (post, entry) = try await town.platform.database.read { reader in
                let account = try #require(
                    try Accounts.find(login: .name("zhao.hai"), keys: identity.keys, in: reader)
                )
                let post = try #require(try StaffRegister.posts(of: ID(account.holder), in: reader).first)
                return (post, try AuditLog.history(of: "post:\(post.id)", in: reader).last)
            }
            #expect(post.role == .registrar && post.region == "150203" && post.agency == "NMSCJG")
            #expect(entry?.purpose == "任命〔2026〕3号" && entry?.actor.id == "os:root/zhangsan")
            #expect(opened.code.count >= 10 && opened.until > town.clock.now)
            func signIn(_ password: String) async throws -> SignedIn {
                try await SignIn.withPassword(
                    .name("zhao.hai"),
                    password: password,
                    origin: SignInOrigin(address: "127.0.0.1", device: "test"),
                    settings: identity,
                    occasion: town.platform.occasion("test"),
                    database: town.platform.database
                )
            }
            _ = try await signIn(opened.password)
            await #expect(throws: IdentityError.self) { try await signIn(opened.password + "x") }
            await #expect(throws: IdentityError.loginTaken) { try await open("zhao.hai") }
            await #expect(throws: IdentityError.unknownBody("999999")) {
                try await open("li.hai", region: "999999")
            }
            let count = try await town.platform.database.read {
                try $0.number("SELECT COUNT(*) FROM identity_staff WHERE name = $1", "赵海")
            }
            #expect(count == 1, "a refused opening leaves nobody behind")
        }
    }

    @Test(
        "a further post is given with its document; two administrations in one hand and unknown bodies are not"
    )
    func furtherPost() async throws {
        try await eachMaintained { town, maintenance, _ in
            func give(
                _ role: StaffRole,
                region: String = "150203",
                until: String? = nil,
                to login: String = "zhao.hai"
            ) async throws -> Post {
                try await maintenance.giveStaffPost(
                    login,
                    role: role,
                    agency: "NMSCJG",
                    region: region,
                    from: nil,
                    until: until.flatMap(LocalDate.init(parsing:)),
                    basis: "任命〔2026〕7号"
                )
            }
            _ = try await maintenance.openStaff(
                "zhao.hai",
                name: "赵海",
                role: .systemAdmin,
                agency: "NMSCJG",
                region: "150200",
                basis: "任命〔2026〕3号"
            )
            let post = try await give(.head)
            #expect(post.role == .head && post.region == "150203" && post.from == town.clock.now.date)
            let (posts, entry) = try await town.platform.database.read { reader in
                (
                    try StaffRegister.posts(of: post.staff, in: reader),
                    try AuditLog.history(of: "post:\(post.id)", in: reader).last
                )
            }
            #expect(Set(posts.map(\.role)) == [.systemAdmin, .head])
            #expect(entry?.purpose == "任命〔2026〕7号" && entry?.actor.id == "os:root/zhangsan")
            await #expect(throws: IdentityError.self) { try await give(.auditAdmin) }
            await #expect(throws: IdentityError.unknownBody("999999")) {
                try await give(.registrar, region: "999999")
            }
            await #expect(throws: IdentityError.badPeriod) { try await give(.registrar, until: "2026-01-01") }
            await #expect(throws: IdentityError.unknownLogin("nobody.here")) {
                try await give(.registrar, to: "nobody.here")
            }
        }
    }

    @Test("no power is given to a body that is in no table, or to no single body")
    func unknownBodies() async throws {
        try await eachMaintained { _, maintenance, _ in
            func give(_ agency: String, region: String = "150203", matter: String = "") async throws {
                _ = try await maintenance.changeAuthority(
                    .merged,
                    matter: matter,
                    agency: "NMSCJG",
                    region: region,
                    toAgency: agency,
                    toRegion: nil,
                    from: try #require(LocalDate(parsing: "2026-04-01")),
                    until: nil,
                    basis: "n"
                )
            }
            await #expect(throws: IdentityError.unknownBody("NOBODY")) { try await give("NOBODY") }
            await #expect(throws: IdentityError.unknownBody("990203")) {
                try await give("NMZWFW", region: "990203")
            }
            #expect(try await maintenance.authorityChanges().isEmpty)
            try await give("NMZWFW", region: "150200")
            #expect(try await maintenance.authorityChanges().map(\.regionPrefix) == ["1502"])
            let given = try #require(try await maintenance.authorityChanges().first)
            await #expect(throws: IdentityError.authorityGiven(id: given.id)) {
                try await give("NMZWFW", region: "150200")
            }
            await #expect(throws: IdentityError.unknownMatter("nosuch", known: ["company-registration"])) {
                try await give("NMZWFW", matter: "nosuch")
            }
            try await give("NMZWFW", region: "150200", matter: "company-registration")
        }
    }

    @Test("nobody is opened where nothing was ever served, and the refusal says what to do first")
    func neverServed() async throws {
        try await eachMaintained { town, maintenance, _ in
            let secret = "\(town.platform.settings.folder)/keys/identity.secret"
            try FileManager.default.removeItem(atPath: secret)
            await #expect(throws: InstallationError.neverServed(folder: town.platform.settings.folder)) {
                try await maintenance.openStaff(
                    "zhao.hai",
                    name: "赵海",
                    role: .registrar,
                    agency: "NMSCJG",
                    region: "150203",
                    basis: "任命〔2026〕3号"
                )
            }
        }
    }
}
