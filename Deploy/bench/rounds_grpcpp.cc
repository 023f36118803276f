// A fusion center as one would write it in C++ with grpc++ (Debian 12: 1.51) in a day: mutual TLS, synchronous streams,
// one commit thread with group commit into SQLite (WAL, synchronous=FULL), receipts after the commit, verdicts to
// watchers after theirs. No purification (a sum instead), no limits. peer serve PORT DB CERTS | peer agent PORT CERTS
// NAME INFLIGHT BATCH SECONDS | peer bench …
#include <grpcpp/grpcpp.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>

#include "copur/v1/fusion.grpc.pb.h"
using namespace copur::v1;
using clk = std::chrono::steady_clock;
static std::string slurp(const std::string& p) {
  std::ifstream f(p);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}
static const char* NAMES[] = {"acc",      "gyro",  "magnet", "watch",       "compass",
                              "location", "audio", "phone",  "environment", "time"};
struct Stream {
  grpc::ServerReaderWriter<ContributeResponse, ContributeRequest>* rw;
  int agent;
  std::string name;
  std::mutex m;
  bool open = true;
};
struct Block {
  std::shared_ptr<Stream> s;
  ContributeRequest msg;
};
struct Center final : FusionCenter::Service {
  std::mutex m;
  std::condition_variable cv;
  std::vector<Block> queue;
  bool stop = false;
  std::mutex wm;
  std::vector<grpc::ServerWriter<WatchResponse>*> watchers;
  std::atomic<long> rounds{0};
  sqlite3* db;
  void exec(const char* q) {
    char* e = nullptr;
    if (sqlite3_exec(db, q, 0, 0, &e)) {
      std::cerr << q << ": " << e << "\n";
      exit(1);
    }
  }
  grpc::Status Contribute(grpc::ServerContext*,
                          grpc::ServerReaderWriter<ContributeResponse, ContributeRequest>* rw) override {
    auto s = std::make_shared<Stream>();
    s->rw = rw;
    ContributeRequest r;
    s->agent = -1;
    while (rw->Read(&r)) {
      if (s->agent < 0)
        for (int i = 0; i < 10; i++)
          if (r.agent() == NAMES[i]) {
            s->agent = i;
            s->name = r.agent();
          }
      if (!r.samples_size()) continue;
      for (float v : r.values())
        if (!(v - v == 0)) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "finite");
      {
        std::lock_guard<std::mutex> l(m);
        queue.push_back({s, std::move(r)});
      }
      cv.notify_one();
      r = ContributeRequest();
    }
    std::lock_guard<std::mutex> l(s->m);
    s->open = false;
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* c, const WatchRequest*, grpc::ServerWriter<WatchResponse>* w) override {
    w->Write(WatchResponse());
    {
      std::lock_guard<std::mutex> l(wm);
      watchers.push_back(w);
    }
    while (!c->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::lock_guard<std::mutex> l(wm);
    watchers.erase(std::find(watchers.begin(), watchers.end(), w));
    return grpc::Status::OK;
  }
  void commits() {
    struct R {
      int n = 0;
      unsigned mask = 0;
      double sum = 0;
    };
    std::unordered_map<uint64_t, R> open;
    std::vector<Block> g;
    sqlite3_stmt *c, *v;
    sqlite3_prepare_v2(db, "insert into contribution(agent,samples,payload) values(?,?,?)", -1, &c, 0);
    sqlite3_prepare_v2(db, "insert into verdict(samples,details) values(?,?)", -1, &v, 0);
    auto last = clk::now();
    while (true) {
      {
        std::unique_lock<std::mutex> l(m);
        cv.wait(l, [&] { return stop || !queue.empty(); });
        if (stop) return;
      }
      std::this_thread::sleep_until(last + std::chrono::milliseconds(2));
      last = clk::now();
      {
        std::lock_guard<std::mutex> l(m);
        g.swap(queue);
      }
      std::map<Stream*, std::pair<std::vector<uint64_t>, std::string>> by;
      std::map<Stream*, std::shared_ptr<Stream>> keep;
      WatchResponse done;
      for (auto& b : g) {
        auto& e = by[b.s.get()];
        keep[b.s.get()] = b.s;
        e.second.append((const char*)b.msg.values().data(), b.msg.values_size() * 4);
        int w = b.msg.values_size() / b.msg.samples_size();
        for (int k = 0; k < b.msg.samples_size(); k++) {
          uint64_t s = b.msg.samples(k);
          e.first.push_back(s);
          auto& r = open[s];
          if (r.mask & (1u << b.s->agent)) continue;
          r.mask |= 1u << b.s->agent;
          for (int i = 0; i < w; i++) r.sum += b.msg.values(k * w + i);
          if (++r.n == 10) {
            auto* x = done.add_verdicts();
            x->set_session("live");
            x->set_sample(s);
            x->set_model_version("m");
            x->set_defense("copur");
            for (auto n : NAMES) {
              auto* a = x->add_agents();
              a->set_agent(n);
              a->set_contributed(true);
              a->set_residual(r.sum);
              a->set_suspect(false);
            }
            x->mutable_decision()->set_label(r.sum > 0);
            x->mutable_decision()->add_probabilities(.5);
            x->mutable_decision()->add_probabilities(.5);
            open.erase(s);
          }
        }
      }
      exec("begin immediate");
      for (auto& e : by) {
        sqlite3_bind_int(c, 1, e.first->agent);
        sqlite3_bind_blob(c, 2, e.second.first.data(), e.second.first.size() * 8, SQLITE_STATIC);
        sqlite3_bind_blob(c, 3, e.second.second.data(), e.second.second.size(), SQLITE_STATIC);
        sqlite3_step(c);
        sqlite3_reset(c);
      }
      if (done.verdicts_size()) {
        std::string d = done.SerializeAsString();
        std::vector<uint64_t> ss;
        for (auto& x : done.verdicts()) ss.push_back(x.sample());
        sqlite3_bind_blob(v, 1, ss.data(), ss.size() * 8, SQLITE_STATIC);
        sqlite3_bind_blob(v, 2, d.data(), d.size(), SQLITE_STATIC);
        sqlite3_step(v);
        sqlite3_reset(v);
      }
      exec("commit");
      for (auto& e : by) {
        ContributeResponse a;
        auto* r = a.add_receipts();
        r->set_session("live");
        r->set_status(Receipt::ACCEPTED);
        r->mutable_samples()->Add(e.second.first.begin(), e.second.first.end());
        std::lock_guard<std::mutex> l(e.first->m);
        if (e.first->open) e.first->rw->Write(a);
      }
      if (done.verdicts_size()) {
        std::lock_guard<std::mutex> l(wm);
        for (auto* w : watchers) w->Write(done);
      }
      rounds += done.verdicts_size();
      g.clear();
    }
  }
};
static grpc::SslCredentialsOptions ssl(const std::string& d, const std::string& who) {
  grpc::SslCredentialsOptions o;
  o.pem_root_certs = slurp(d + "/ca.pem");
  o.pem_private_key = slurp(d + "/" + who + ".key");
  o.pem_cert_chain = slurp(d + "/" + who + ".pem");
  return o;
}
int main(int n, char** a) {
  std::string mode = a[1];
  if (mode == "serve") {
    Center c;
    sqlite3_open(a[3], &c.db);
    c.exec(
        "pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=2000; create table "
        "contribution(sequence integer primary key, agent int, samples blob, payload blob); create table "
        "verdict(sequence integer primary key, samples blob, details blob)");
    grpc::SslServerCredentialsOptions o(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    std::string d = a[4];
    o.pem_root_certs = slurp(d + "/ca.pem");
    o.pem_key_cert_pairs.push_back({slurp(d + "/server.key"), slurp(d + "/server.pem")});
    grpc::ServerBuilder b;
    b.AddListeningPort(std::string("127.0.0.1:") + a[2], grpc::SslServerCredentials(o));
    b.RegisterService(&c);
    auto s = b.BuildAndStart();
    std::thread t([&] { c.commits(); });
    s->Wait();
    return 0;
  }
  std::string port = a[2], d = a[3];
  grpc::ChannelArguments ca;
  ca.SetSslTargetNameOverride("localhost");
  if (mode == "agent") {
    std::string who = a[4];
    int inflight = atoi(a[5]), batch = atoi(a[6]);
    double secs = atof(a[7]);
    auto ch = grpc::CreateCustomChannel("127.0.0.1:" + port, grpc::SslCredentials(ssl(d, "agent-" + who)), ca);
    auto st = FusionCenter::NewStub(ch);
    grpc::ClientContext cx;
    auto s = st->Contribute(&cx);
    std::mutex m;
    std::condition_variable cv;
    long out = 0;
    bool ended = false;
    std::thread rd([&] {
      ContributeResponse r;
      while (s->Read(&r)) {
        long k = 0;
        for (auto& x : r.receipts()) k += x.samples_size();
        {
          std::lock_guard<std::mutex> l(m);
          out -= k;
        }
        cv.notify_one();
      }
      std::lock_guard<std::mutex> l(m);
      ended = true;
      cv.notify_one();
    });
    auto end = clk::now() + std::chrono::duration<double>(secs);
    uint64_t k = 0;
    bool first = true;
    while (clk::now() < end) {
      {
        std::unique_lock<std::mutex> l(m);
        cv.wait(l, [&] { return out + batch <= inflight || ended; });
        if (ended) break;
        out += batch;
      }
      ContributeRequest r;
      if (first) {
        r.set_agent(who);
        r.set_model_version("m");
        first = false;
      }
      r.set_session("live");
      for (int i = 0; i < batch; i++) {
        r.add_samples(k++);
        for (int j = 0; j < 32; j++) r.add_values(0.1f * j);
      }
      if (!s->Write(r)) break;
    }
    s->WritesDone();
    rd.join();
    return 0;
  }
  // watch: rounds a second from second 1 on
  auto ch = grpc::CreateCustomChannel("127.0.0.1:" + port, grpc::SslCredentials(ssl(d, "viewer-dash")), ca);
  auto st = FusionCenter::NewStub(ch);
  grpc::ClientContext cx;
  cx.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(atoi(a[4]) + 2));
  auto s = st->Watch(&cx, WatchRequest());
  WatchResponse r;
  long total = 0, counted = 0;
  clk::time_point t0{}, t1{};
  while (s->Read(&r)) {
    if (!r.verdicts_size()) continue;
    auto now = clk::now();
    if (!total) t0 = now;
    total += r.verdicts_size();
    double e = std::chrono::duration<double>(now - t0).count();
    if (e > 1 && e < atoi(a[4])) {
      if (!counted) t1 = now;
      counted += r.verdicts_size();
      printf("");
      if (e > atoi(a[4]) - 0.05) {
        break;
      }
    }
  }
  double e = std::chrono::duration<double>(clk::now() - t1).count();
  printf("{\"engine\":\"grpc++ 1.51 sync + sqlite\",\"rounds_per_second\":%.0f}\n", counted / e);
  return 0;
}
