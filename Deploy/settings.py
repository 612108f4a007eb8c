"""Ports and configuration files of the demonstration cluster. What a real site changes is said in Docs/operations.md."""

ETCD, ETCD_PEER = 12379, 12380
# Reached through HAProxy: the leader, the standby, and any node of the platform.
WRITES, READS, BALANCED = 15000, 15010, 15020
DATABASES = {1: 15001, 2: 15002}
PATRONI = {1: 15051, 2: 15052}
NODES = {1: 15101, 2: 15102, 3: 15103}
PARTIES = 15201
PUBLIC, PUBLIC_PLAIN = 15443, 15080
PORTS = [ETCD, ETCD_PEER, WRITES, READS, BALANCED, PUBLIC, PUBLIC_PLAIN, *DATABASES.values(), *PATRONI.values(), *NODES.values()]
ORIGIN = f"https://127.0.0.1:{PUBLIC}"


def etcd(cluster):
    return [
        "/usr/bin/etcd", "--name", "demo", "--data-dir", f"{cluster.folder}/etcd/data",
        "--listen-client-urls", f"http://127.0.0.1:{ETCD}", "--advertise-client-urls", f"http://127.0.0.1:{ETCD}",
        "--listen-peer-urls", f"http://127.0.0.1:{ETCD_PEER}",
        "--initial-advertise-peer-urls", f"http://127.0.0.1:{ETCD_PEER}",
        "--initial-cluster", f"demo=http://127.0.0.1:{ETCD_PEER}", "--log-level", "warn",
    ]


def patroni(cluster, number):
    """ttl bounds how long a dead leader is waited for; retry_timeout must leave room for two tries within it."""
    return f"""scope: suban
name: pg{number}
restapi: {{listen: "127.0.0.1:{PATRONI[number]}", connect_address: "127.0.0.1:{PATRONI[number]}"}}
etcd3: {{host: "127.0.0.1:{ETCD}"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 3
    retry_timeout: 8
    maximum_lag_on_failover: 1048576
    # A write is answered when the standby has it on disk too; without a standby Patroni goes on alone.
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 100
        shared_buffers: 128MB
        wal_log_hints: "on"
        wal_keep_size: 256MB
        fsync: "on"
        full_page_writes: "on"
        synchronous_commit: "on"
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - data-checksums
postgresql:
  listen: 127.0.0.1:{DATABASES[number]}
  connect_address: 127.0.0.1:{DATABASES[number]}
  data_dir: {cluster.folder}/pg{number}/data
  bin_dir: {cluster.postgres}
  pgpass: {cluster.folder}/pg{number}/pgpass
  authentication:
    superuser: {{username: postgres, password: "{cluster.password()}"}}
    replication: {{username: replicator, password: "{cluster.password()}"}}
    rewind: {{username: rewinder, password: "{cluster.password()}"}}
  parameters:
    unix_socket_directories: {cluster.folder}/pg{number}
  pg_hba:
    - host replication replicator 127.0.0.1/32 scram-sha-256
    - host all all 127.0.0.1/32 scram-sha-256
tags: {{nofailover: false, noloadbalance: false}}
"""


def haproxy(cluster):
    databases = "\n".join(
        f"    server pg{number} 127.0.0.1:{port} check port {PATRONI[number]}" for number, port in DATABASES.items()
    )
    nodes = "\n".join(f"    server node{number} 127.0.0.1:{port} check" for number, port in NODES.items())
    return f"""global
    maxconn 1000
    stats socket {cluster.folder}/haproxy.sock mode 600 level operator

defaults
    timeout connect 2s
    timeout client 30m
    timeout server 30m
    default-server inter 1s fall 2 rise 2 on-marked-down shutdown-sessions

listen writes
    bind 127.0.0.1:{WRITES}
    mode tcp
    option httpchk GET /primary
    http-check expect status 200
{databases}

listen reads
    bind 127.0.0.1:{READS}
    mode tcp
    option httpchk GET /replica?lag=16MB
    http-check expect status 200
{databases}

frontend site
    bind 127.0.0.1:{BALANCED}
    mode http
    timeout client 60s
    option http-server-close
    # When none is ready, the live ones answer: they still serve what can be read, and say what is wrong.
    use_backend ready if {{ nbsrv(ready) gt 0 }}
    default_backend alive

backend ready
    mode http
    timeout server 60s
    option httpchk GET /ready
    option redispatch 1
    errorfile 503 {cluster.folder}/unreachable.http
{nodes}

backend alive
    mode http
    timeout server 60s
    option httpchk GET /health
    option redispatch 1
    errorfile 503 {cluster.folder}/unreachable.http
{nodes}
"""


def nginx(cluster):
    folder = cluster.folder
    return f"""user www-data;
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {cluster.logs}/nginx.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    server_tokens off;
    client_body_temp_path {folder}/nginx/body;
    proxy_temp_path {folder}/nginx/proxy;
    fastcgi_temp_path {folder}/nginx/fastcgi;
    uwsgi_temp_path {folder}/nginx/uwsgi;
    scgi_temp_path {folder}/nginx/scgi;
    # The largest form with files, operating-limits.tsv `upload.documents`; what is larger the platform would refuse.
    client_max_body_size 23m;
    client_header_timeout 30s;
    client_body_timeout 30s;
    upstream platform {{
        server 127.0.0.1:{BALANCED};
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{PUBLIC_PLAIN};
        return 301 {ORIGIN}$request_uri;
    }}
    server {{
        listen 127.0.0.1:{PUBLIC} ssl;
        ssl_certificate {folder}/site.crt;
        ssl_certificate_key {folder}/site.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        # For the machines inside only.
        location = /metrics {{ return 404; }}
        location / {{
            proxy_pass http://platform;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            # Nobody may say for himself whence he comes.
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_connect_timeout 2s;
            proxy_read_timeout 60s;
        }}
    }}
}}
"""
