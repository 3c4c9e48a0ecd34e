// net_turn_test.c — a net that waits, wakes, and goes on where io_uring is refused.
#include "net_client.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

// Where io_uring is refused, as in many containers.

static void forbid_io_uring(int error) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(10);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(11);
}

/// In a child process, because the filter cannot be taken off again.
static int echo_without_io_uring(int error, const char *refusal) {
    forbid_io_uring(error);
    nt_server *server = start_echo(true);
    client client = {0};
    if (server == NULL || !connect_to(&client, nt_server_port(server), false)) return 12;
    if (strcmp(nt_net_kind(client.net), "poll") != 0) return 13;
    if (strncmp(nt_net_refusal(client.net), refusal, strlen(refusal)) != 0) return 16;
    if (send_text(client.stream, "hello") != NT_OK) return 14;
    turn_until(&client, &client.messages, 1);
    return client.messages == 1 ? 0 : 15;
}

#if defined(__SANITIZE_THREAD__)
#define THREADS_AFTER_FORK 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREADS_AFTER_FORK 0
#endif
#endif
#ifndef THREADS_AFTER_FORK
#define THREADS_AFTER_FORK 1
#endif

TEST(turn, goes_on_where_the_kernel_refuses_io_uring) {
    if (!THREADS_AFTER_FORK) SKIP("the thread sanitizer allows no threads after fork");
    static const struct {
        int error;
        const char *refusal;
    } cases[] = {{EPERM, "Operation not permitted: a seccomp profile or sysctl "
                         "kernel.io_uring_disabled forbids it"},
                 {ENOSYS, "Function not implemented: this kernel was built without it"},
                 {EINVAL, "Invalid argument: the kernel is older than 6.1"},
                 {ENOMEM, "Cannot allocate memory: the limit of locked memory (ulimit -l)"}};
    certificate_path("ca.pem");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pid_t child = fork();
        EXPECT(child >= 0);
        if (child == 0) _exit(echo_without_io_uring(cases[i].error, cases[i].refusal));
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
}

// Waiting.

static int64_t thread_cpu_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

BOTH(turn, sleeps_while_nothing_happens) {
    nt_server *server = start_echo(true);
    client client = {0};
    EXPECT(connect_to(&client, nt_server_port(server), refuse_ring));
    turn_for(client.net, 20);
    int64_t cpu = thread_cpu_ms(), end = now_ms() + 300;
    while (now_ms() < end) nt_net_turn(client.net, 10000000);
    EXPECT(thread_cpu_ms() - cpu < 60);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(turn, sleeps_while_connecting) {
    int listener;
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, listen_anywhere(&listener));
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_for(client.net, 20);
    int64_t cpu = thread_cpu_ms(), end = now_ms() + 300;
    while (now_ms() < end) nt_net_turn(client.net, 10000000);
    EXPECT(thread_cpu_ms() - cpu < 150);
    nt_net_destroy(client.net);
    close(listener);
}

static void *wake_later(void *argument) {
    pause_ms(2);
    nt_net_wake(argument);
    return NULL;
}

/// How long a turn takes that would wait 10 ms but is woken after 2.
static int64_t woken_turn_ms(nt_net *net) {
    nt_net_turn(net, 10000000); // Ends at a tick: the next one is 10 ms away.
    pthread_t thread;
    if (pthread_create(&thread, NULL, wake_later, net) != 0) return 1000;
    int64_t start = now_ms();
    nt_net_turn(net, 10000000);
    int64_t taken = now_ms() - start;
    pthread_join(thread, NULL);
    nt_net_turn(net, 0);
    return taken;
}

BOTH(turn, wakes_when_asked) {
    nt_net *net = make_net(1, refuse_ring);
    nt_net_turn(net, 0);
    int early = 0;
    for (int i = 0; i < 20; i++) early += woken_turn_ms(net) < 7;
    EXPECT(early >= 3); // The machine may be busy; without the wake there is none.
    nt_net_destroy(net);
}
