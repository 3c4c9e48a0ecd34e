// GuardTests.swift — the bot traps, hangs, is killed or stopped: what it left at the venue is
// cancelled by a process that none of it befell, and the next start is halted.
import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite("A guard") struct GuardTests {
        /// It struck, proved that nothing is left, and touched nobody else's symbol.
        private func expectClear(_ at: Guarded, _ cause: String) throws {
            #expect(at.reaches("clear"), at.story)
            #expect(try at.open() == 0, at.story)
            #expect(try at.open(Guarded.foreign) == 1, "another symbol's order was touched")
            let report = try at.report()
            #expect(report["incident"]["cause"].text == cause, at.story)
            #expect(report["incident"]["is_clear"].flag == true)
            #expect(report["bot"]["state"].text == "settled")
        }

        /// A start after a strike takes no risk before a person has looked.
        private func expectHaltedUntilResumed(_ at: Guarded) throws {
            try at.startAgain()
            #expect(at.isReady(), at.story)
            let status = try #require(at.status())
            #expect(status["trading"].text == "halted", at.story)
            #expect(status["guard"]["incident"].text?.contains("the guard struck") == true)
            #expect(at.bot.errors.contains("halted until you have looked"), at.story)
            #expect(try at.open() == 0)
            #expect(try !at.report()["incident"].exists)
            #expect(try at.ask("resume", ["--reason", "looked"]).status == 0)
            #expect(at.rests(), at.story)
        }

        private func expectCleanEnd(_ at: Guarded) throws {
            #expect(at.bot.interrupt() == 0, at.story)
            #expect(at.reaches("bot_ended"), at.story)
            #expect(eventually(within: 10) { at.guardID == nil }, "the guard did not end")
            #expect(try at.open() == 0)
        }

        @Test("A strategy that never returns: killed, cancelled, halted until somebody looks")
        func loops() throws {
            let at = try Guarded(vice: "loop")
            #expect(at.rests(), at.story)
            try at.placeForeign()
            at.provoke()
            try expectClear(at, "hung")
            #expect(at.bot.wait(5) == -SIGKILL, at.story)
            #expect(at.events().contains("killed"))
            try expectHaltedUntilResumed(at)
            try expectCleanEnd(at)
        }

        @Test("A strategy that traps") func traps() throws {
            let at = try Guarded(vice: "trap")
            #expect(at.rests(), at.story)
            try at.placeForeign()
            at.provoke()
            try expectClear(at, "died")
            #expect(try #require(at.bot.wait(5)) < 0, "it was to end by a signal")
            #expect(!at.events().contains("killed"))
            try expectHaltedUntilResumed(at)
            try expectCleanEnd(at)
        }

        @Test("SIGKILL") func killed() throws {
            let at = try Guarded()
            #expect(at.rests(), at.story)
            try at.placeForeign()
            at.bot.kill()
            try expectClear(at, "died")
        }

        @Test("Stopped and continued, where the guard may not kill: the bot halts itself")
        func stopped() throws {
            let at = try Guarded(settings: ", kill: false")
            #expect(at.rests(), at.story)
            at.bot.send(SIGSTOP)
            #expect(at.reaches("struck"), at.story)
            #expect(eventually(within: 20) { (try? at.open()) == 0 }, at.story)
            #expect(!at.events().contains("clear"), "while it may still send, nothing is proven")
            at.bot.send(SIGCONT)
            #expect(at.reaches("handed_over"), at.story)
            #expect(at.status()?["trading"].text == "halted", at.story)
            #expect(try at.open() == 0)
            #expect(at.bot.errors.contains("the guard struck"), at.story)
            try expectCleanEnd(at)
        }

        @Test("A clean stop is no death") func clean() throws {
            let at = try Guarded()
            #expect(at.rests(), at.story)
            #expect(at.status()?["guard"]["state"].text == "watching")
            try expectCleanEnd(at)
            #expect(!at.events().contains("struck"), at.story)
        }

        @Test("A guard that dies: only exits until another one is there") func guardDies() throws {
            let at = try Guarded()
            #expect(at.rests(), at.story)
            let first = try #require(at.guardID)
            kill(first, SIGKILL)
            #expect(
                eventually(within: 10) { at.bot.errors.contains("the guard is gone") }, at.story)
            #expect(
                eventually(within: 20) { at.status()?["guard"]["state"].text == "watching" },
                at.story)
            #expect(at.guardID != first)
            #expect(
                eventually(within: 5) { at.status()?["trading"].text == "active" }, at.story)
            try expectCleanEnd(at)
            #expect(!at.events().contains("struck"), at.story)
        }

        @Test("A guard without a network goes on until the venue has shown that none is left")
        func cut() throws {
            let at = try Guarded(byNetwork: true)
            #expect(at.rests(), at.story)
            try at.placeForeign()
            try at.spoil("rest refuse for 4s")
            at.bot.kill()
            #expect(at.reaches("struck"), at.story)
            #expect(
                eventually(within: 10) {
                    (try? at.report()["records"].list.contains {
                        $0["text"].text?.contains("not proven yet") == true
                    }) == true
                }, at.story)
            try expectClear(at, "died")
        }

        @Test("Without a guard where one must be, nothing starts") func refused() throws {
            let at = try Guarded(settings: ", start: false")
            #expect(at.bot.wait(20) == 3, at.story)
            #expect(at.bot.errors.contains("no guard is at work"), at.story)
            #expect(try at.ask("guard").status == 1)
            let one = try at.startGuard()
            #expect(eventually(within: 20) { at.guardID != nil }, "\(one.errors)")
            let two = try at.startGuard()
            #expect(two.wait(20) == 75, "\(two.errors)")
            try at.startAgain()
            #expect(at.rests(), at.story)
            #expect(at.bot.interrupt() == 0, at.story)
            #expect(at.reaches("bot_ended"))
            // It is not the bot's: it waits for the next one.
            #expect(one.isRunning)
            one.send(SIGTERM)
            #expect(one.wait(10) == 0, "\(one.errors)")
        }

        @Test("SIGUSR1 halts") func signal() throws {
            let folder = try Folder()
            let venue = try Venue(in: folder)
            try folder.write(".env", venue.environmentFile)
            let bot = try Bot(in: folder, configuration: venue.configuration(mode: "live"))
            #expect(bot.hasFilled(1), bot.story)
            bot.process.send(SIGUSR1)
            #expect(bot.reaches { $0["trading"].text == "halted" }, bot.story)
            #expect(try bot.expect("status")["trading_reason"].text == "SIGUSR1")
            #expect(bot.process.interrupt() == 0, bot.story)
        }
    }
}
