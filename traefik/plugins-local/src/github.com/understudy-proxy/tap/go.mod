module github.com/understudy-proxy/tap

go 1.22
