<?php
// SPDX-License-Identifier: Apache-2.0
// Shows what the server told it, or does what the argument "do" says.

function shown(): string
{
    $lines = [];
    foreach (['SCRIPT_NAME', 'SCRIPT_FILENAME', 'DOCUMENT_ROOT', 'PATH_INFO', 'PHP_SELF'] as $name) {
        $lines[] = "$name=" . ($_SERVER[$name] ?? '-');
    }
    return implode(' ', $lines) . ' cwd=' . getcwd();
}

switch ($_GET['do'] ?? '') {
    case 'pid':
        echo getmypid();
        break;
    case 'sleep':
        usleep(1000 * (int) $_GET['ms']);
        echo getmypid();
        break;
    case 'leave':
        // A process that is started in the background has all that php-fpm has open, the connection included.
        echo exec('sleep 300 >/dev/null 2>&1 & echo $!');
        break;
    case 'kill':
        posix_kill(getmypid(), 9);
        break;
    case 'reset':
        echo opcache_reset() ? 'reset' : 'no cache';
        break;
    case 'cached':
        echo opcache_get_status(false)['opcache_statistics']['num_cached_scripts'] > 0 ? 'cached' : 'empty';
        break;
    case 'since':
        echo opcache_get_status(false)['opcache_statistics']['start_time'];
        break;
    case 'flush':
        ob_end_flush();
        echo 'first';
        flush();
        // Until the client has seen that.
        while (!file_exists($_GET['file'])) {
            clearstatcache();
            usleep(5000);
        }
        echo ' second';
        break;
    case 'finish':
        echo getmypid();
        fastcgi_finish_request();
        echo 'nobody reads this';
        while (!file_exists($_GET['file'])) {
            clearstatcache();
            usleep(5000);
        }
        error_log('the script has gone on as ' . getmypid());
        break;
    case 'ini':
        ini_set($_GET['name'], 'changed');
        echo ini_get($_GET['name']);
        break;
    case 'env':
        echo getenv($_GET['name']);
        break;
    case 'server':
        echo $_SERVER[$_GET['name']] ?? '-';
        break;
    case 'say':
        file_put_contents('php://stderr', "said to standard error\n");
        trigger_error('a warning of the script', E_USER_WARNING);
        break;
    case 'fill':
        ignore_user_abort(false);
        ob_end_flush();
        for ($i = 0; $i < 100000; $i++) {
            echo str_repeat('x', 8192);
        }
        break;
    case 'auth':
        echo $_SERVER['PHP_AUTH_USER'] . ' ' . $_SERVER['PHP_AUTH_PW'];
        break;
    case 'post':
        echo json_encode($_POST), ' ', $_FILES ? $_FILES['f']['size'] : '-';
        break;
    default:
        echo shown();
}
